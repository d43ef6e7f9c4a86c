package app;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.micrometer.CircuitMeters;
import io.micrometer.core.instrument.MeterRegistry;

public class Meters {
    public static CircuitBreakerManager circuits(MeterRegistry registry) {
        CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
        CircuitMeters.of(circuits).withMaxAgents(500).bindTo(registry);
        return circuits;
    }
}
