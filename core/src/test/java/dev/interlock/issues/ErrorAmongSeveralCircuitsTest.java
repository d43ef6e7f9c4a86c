package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An Error in one of several circuits around a call, as when memory or the stack ends, kept the places of trials in the
 * others until their leases ended: two minutes in which no trial was let in.
 */
class ErrorAmongSeveralCircuitsTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final CircuitId MODEL = CircuitId.of("model:m");

    /** Throws once, at the reading that is asked for. */
    private static final class Failing implements TimeSource {
        private final Thread caller = Thread.currentThread();
        private final AtomicLong ticks = new AtomicLong();
        private int failsAfter = -1;

        @Override
        public long ticks() {
            if (Thread.currentThread() == caller && failsAfter >= 0 && failsAfter-- == 0) {
                throw new InternalError("as if");
            }
            return ticks.get();
        }

        @Override
        public Instant wallTime() {
            return Instant.EPOCH.plusNanos(ticks.get());
        }
    }

    private final Failing time = new Failing();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.builder().trialsAtOnce(1).build())
            .time(time)
            .executor(Runnable::run)
            .build();
    private final Guard guard = circuits.guard(AGENT).dependingOn("model:m");

    @BeforeEach
    void bothAreReadyForATrial() {
        for (CircuitId id : new CircuitId[] {AGENT, MODEL}) {
            circuits.override(id, ManualOverride.of(OverrideAction.OPEN, "ada"));
        }
        time.ticks.set(Duration.ofMinutes(2).toNanos());
    }

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void while_permits_are_taken_gives_all_places_back() {
        int errors = 0;
        for (int reading = 0; reading < 40; reading++) {
            time.failsAfter = reading;
            Permit permit = null;
            try {
                permit = guard.tryAcquire();
            } catch (InternalError asIf) {
                errors++;
            }
            time.failsAfter = -1;
            if (permit != null) {
                permit.cancel();
            }
            assertThat(circuits.snapshot(AGENT).trialsOut())
                    .as("after an error at reading %d", reading)
                    .isZero();
        }
        assertThat(errors).isPositive();
        assertThat(guard.tryAcquire()).isNotNull();
    }

    @Test
    void while_an_outcome_is_taken_in_settles_the_others() {
        Permit permit = guard.acquire();
        time.failsAfter = 0;

        assertThatThrownBy(() -> permit.fail(FailureKind.ERROR)).isInstanceOf(InternalError.class);

        time.failsAfter = -1;
        assertThat(circuits.snapshot(MODEL).trialsOut())
                .as("of the one that comes second")
                .isZero();
        assertThat(permit.succeed()).isEqualTo(Settlement.REPEATED);
    }
}
