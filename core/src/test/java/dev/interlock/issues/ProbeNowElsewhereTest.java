package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.ProbeSettings;
import dev.interlock.store.InMemoryCircuitStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A cooldown that was ended early in another process ended here as well, but the probes kept waiting for its old end. */
class ProbeNowElsewhereTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    private final ManualTimeSource time = new ManualTimeSource();
    private final InMemoryCircuitStore store = new InMemoryCircuitStore();
    private final AtomicInteger probes = new AtomicInteger();

    @Test
    void probesBeginHereToo() {
        try (CircuitBreakerManager a = manager(new AtomicInteger());
                CircuitBreakerManager b = manager(probes)) {
            b.getOrCreate(AGENT);
            time.advance(Duration.ZERO); // trust is found
            probes.set(0);
            a.override(AGENT, ManualOverride.of(OverrideAction.OPEN, "anna"));
            assertThat(a.flush(Duration.ofSeconds(10))).isTrue();
            await().until(() -> b.snapshot(AGENT).state() == CircuitState.OPEN);
            time.advance(Duration.ofSeconds(1));
            assertThat(probes).hasValue(0);

            a.override(AGENT, ManualOverride.of(OverrideAction.PROBE_NOW, "anna"));
            assertThat(a.flush(Duration.ofSeconds(10))).isTrue();
            await().until(() -> b.snapshot(AGENT).retryAfter().compareTo(Duration.ofMinutes(1)) < 0);
            await().untilAsserted(() -> {
                time.advance(Duration.ofSeconds(1));
                assertThat(b.getOrCreate(AGENT).tryAcquire()).isNotNull();
            });
            assertThat(probes.get()).isBetween(1, 2);
        }
    }

    private CircuitBreakerManager manager(AtomicInteger asked) {
        return CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .randomness(() -> 0)
                .store(store)
                .defaults(CircuitBreakerConfig.builder()
                        .cooldown(Duration.ofMinutes(10))
                        .probe(new ProbeSettings(
                                Duration.ofSeconds(30), 2, Duration.ofSeconds(1), Duration.ofHours(1), 0))
                        .build())
                .probe("*", id -> {
                    asked.incrementAndGet();
                    return true;
                })
                .build();
    }
}
