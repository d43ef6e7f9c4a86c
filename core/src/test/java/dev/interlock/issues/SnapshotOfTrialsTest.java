package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.checks.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A snapshot looked at the trials three times, and showed more places than there are when one ended between. */
class SnapshotOfTrialsTest {
    private static final int ROUNDS = Rounds.of(20_000, 2_000);

    @Test
    void noMoreTrialsAreShownThanThereAre() throws InterruptedException {
        Lab lab = new Lab(CircuitBreakerConfig.builder()
                .halfOpenMaxRequests(3)
                .successThreshold(3)
                .cooldown(Duration.ofMillis(1))
                .build());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<@Nullable CircuitSnapshot> torn = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            while (!stop.get()) {
                CircuitSnapshot snapshot = lab.circuit.snapshot();
                boolean full = snapshot.trialsOut() + snapshot.trialsSucceeded() == 3;
                boolean waits = !snapshot.retryAfter().isZero();
                boolean odd = snapshot.trialsOut() + snapshot.trialsSucceeded() > 3 || full != waits;
                if (snapshot.state() == CircuitState.HALF_OPEN && odd) {
                    torn.set(snapshot);
                }
            }
        });
        reader.start();
        for (int round = 0; round < ROUNDS && torn.get() == null; round++) {
            lab.tripAndCool();
            for (int i = 0; i < 20; i++) {
                List<Permit> trials = new ArrayList<>();
                for (Permit trial = lab.circuit.tryAcquire(); trial != null; trial = lab.circuit.tryAcquire()) {
                    trials.add(trial);
                }
                trials.forEach(trial -> trial.settle(Outcome.cancelled()));
            }
            for (int i = 0; i < 2; i++) {
                lab.circuit.acquire().succeed();
            }
            lab.circuit.acquire().succeed();
        }
        stop.set(true);
        reader.join();
        assertThat(torn.get()).isNull();
    }
}
