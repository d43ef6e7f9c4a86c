package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.NamePattern;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * What circuits are open or held. Always up, since one agent that fails does not take the application down; unless the
 * properties name circuits that do.
 */
final class CircuitsHealthIndicator implements HealthIndicator {
    private static final int MOST_NAMES = 20;

    private final CircuitBreakerManager circuits;
    private final List<NamePattern> down;

    CircuitsHealthIndicator(CircuitBreakerManager circuits, List<String> downWhenOpen) {
        this.circuits = circuits;
        this.down = downWhenOpen.stream().map(NamePattern::new).toList();
    }

    @Override
    public Health health() {
        List<CircuitSnapshot> notClosed = circuits.snapshotsNotClosed().toList();
        List<String> open = named(notClosed.stream()
                .filter(each -> each.state() == CircuitState.OPEN)
                .toList());
        boolean isDown = notClosed.stream()
                .filter(each -> each.state() == CircuitState.OPEN)
                .anyMatch(each -> down.stream()
                        .anyMatch(pattern -> pattern.matches(each.id().name())));
        return (isDown ? new Health.Builder().down() : new Health.Builder().up())
                .withDetail("circuits", circuits.size())
                .withDetail("open", count(notClosed, CircuitState.OPEN))
                .withDetail("halfOpen", count(notClosed, CircuitState.HALF_OPEN))
                .withDetail(
                        "held",
                        notClosed.stream().filter(each -> each.hold() != null).count())
                .withDetail("openNames", open)
                .withDetail("storeAvailable", circuits.isStoreAvailable())
                .build();
    }

    private static List<String> named(List<CircuitSnapshot> circuits) {
        return circuits.stream()
                .map(each -> each.id().toString())
                .sorted()
                .limit(MOST_NAMES)
                .toList();
    }

    private static long count(List<CircuitSnapshot> notClosed, CircuitState state) {
        return notClosed.stream().filter(each -> each.state() == state).count();
    }
}
