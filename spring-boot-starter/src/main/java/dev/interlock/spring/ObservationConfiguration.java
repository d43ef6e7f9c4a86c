package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.micrometer.CircuitMeters;
import dev.interlock.micrometer.SpanAttributes;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Meters and spans, where their libraries are there. */
final class ObservationConfiguration {
    private ObservationConfiguration() {}

    /** Bound to the registries of the application, as all binders are. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    @ConditionalOnProperty(prefix = "interlock.metrics", name = "enabled", matchIfMissing = true)
    static final class Meters {
        @Bean
        @ConditionalOnMissingBean
        CircuitMeters interlockMeters(CircuitBreakerManager circuits, InterlockProperties properties) {
            return CircuitMeters.of(circuits)
                    .withMaxAgents(properties.getMetrics().getMaxAgents());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Span.class)
    @ConditionalOnProperty(prefix = "interlock.spans", name = "enabled", matchIfMissing = true)
    static final class Spans {
        @Bean
        @ConditionalOnMissingBean
        SpanAttributes interlockSpans(CircuitBreakerManager circuits) {
            return SpanAttributes.begin(circuits);
        }
    }
}
