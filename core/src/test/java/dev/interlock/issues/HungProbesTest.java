package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Probe;
import dev.interlock.ProbeSettings;
import dev.interlock.ProbeStatus;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A probe that was given up was never interrupted and kept one of sixteen threads, and each new opening of a circuit could
 * let one more hang: sixteen hung probes, of one circuit even, stopped all probing of every organization for ever.
 */
@Tag("slow")
class HungProbesTest {
    private static final CircuitBreakerConfig PROBED = CircuitBreakerConfig.builder()
            .cooldown(Duration.ofMillis(1))
            .probe(new ProbeSettings(Duration.ofMillis(20), 2, Duration.ofMillis(1), Duration.ofHours(1), 0))
            .build();

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger hanging = new AtomicInteger();
    private final Set<CircuitId> good = ConcurrentHashMap.newKeySet();
    private final AtomicInteger interrupted = new AtomicInteger();

    @AfterEach
    void end() {
        release.countDown();
    }

    @Test
    void sixteen_circuits_whose_probes_hang_do_not_stop_the_seventeenth() {
        try (CircuitBreakerManager circuits = manager("hang-*", this::hang)) {
            for (int i = 0; i < 16; i++) {
                open(circuits, "hang-" + i);
            }
            await().until(() -> hanging.get() == 16);

            open(circuits, "good");

            await().until(() -> circuits.getOrCreate("good").tryAcquire() != null);
            assertThat(hanging)
                    .as("one a circuit, however often its interval is over")
                    .hasValue(16);
        }
    }

    @Test
    void one_circuit_that_opens_again_and_again_has_one_hung_probe_at_a_time() {
        try (CircuitBreakerManager circuits = manager("hang", this::hang)) {
            for (int i = 0; i < 20; i++) {
                open(circuits, "hang");
                await().until(() -> hanging.get() > 0);
                circuits.override(CircuitId.of("hang"), ManualOverride.of(OverrideAction.CLOSE, "ada"));
            }
            open(circuits, "good");

            await().until(() -> circuits.getOrCreate("good").tryAcquire() != null);
            assertThat(hanging).hasValue(1);
        }
    }

    @Test
    void a_probe_that_outlasts_its_interval_is_interrupted_and_the_next_one_is_made() {
        AtomicInteger asked = new AtomicInteger();
        try (CircuitBreakerManager circuits = manager("slow", id -> {
            int times = asked.incrementAndGet();
            if (times == 1 || times > 4) {
                return true;
            }
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException end) {
                interrupted.incrementAndGet();
                throw end;
            }
            return true;
        })) {
            open(circuits, "slow");

            await().until(() -> circuits.getOrCreate("slow").tryAcquire() != null);

            assertThat(interrupted).hasValue(3);
        }
    }

    /** Waits whatever happens, as a read from a socket does; but for the first time, by which it earns trust. */
    private boolean hang(CircuitId id) {
        if (good.add(id)) {
            return true;
        }
        hanging.incrementAndGet();
        while (release.getCount() > 0) {
            try {
                release.await();
            } catch (InterruptedException ignored) {
                interrupted.incrementAndGet();
            }
        }
        return false;
    }

    private static CircuitBreakerManager manager(String pattern, Probe probe) {
        return CircuitBreakerManager.builder()
                .defaults(PROBED)
                .randomness(() -> 0)
                .probe(pattern, probe)
                .probe("good", id -> true)
                .build();
    }

    private static void open(CircuitBreakerManager circuits, String agent) {
        await().until(() -> isTrusted(circuits.getOrCreate(agent).snapshot().probe()));
        circuits.override(CircuitId.of(agent), ManualOverride.of(OverrideAction.OPEN, "ada"));
    }

    private static boolean isTrusted(@Nullable ProbeStatus probe) {
        return probe != null && probe.trusted();
    }
}
