package dev.interlock.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.issues.HandStore.Asked;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.util.Objects;

/** One process with one shared circuit that cools down for a second and has room for one trial; the others are a test. */
final class SharedLab implements AutoCloseable {
    static final Duration COOLDOWN = Duration.ofSeconds(1);

    final HandStore store = new HandStore();
    final Lab lab = new Lab(
            CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .cooldown(COOLDOWN)
                    .cooldownMax(COOLDOWN)
                    .halfOpenMaxRequests(1)
                    .trialsAtOnce(1)
                    .successThreshold(1)
                    .build(),
            builder -> builder.store(store));

    CircuitBreaker circuit() {
        return lab.circuit;
    }

    /** Opens the circuit, which all know, and lets it cool down. */
    SharedLab openAndCool() {
        lab.trip();
        awaitStored();
        lab.pass(COOLDOWN);
        return this;
    }

    /** A call that is refused, so that a trial is asked for. */
    Asked refused() throws InterruptedException {
        if (circuit().tryAcquire() != null) {
            throw new AssertionError("A call was admitted");
        }
        return store.nextAsk();
    }

    /** A trial that waits for a call. */
    GivenTrial waiting() throws InterruptedException {
        GivenTrial given = refused().give("1");
        awaitTrial();
        return given;
    }

    void awaitTrial() {
        await().until(() -> circuit().snapshot().retryAfter().isZero());
    }

    /** A trial that runs. */
    Permit trying() throws InterruptedException {
        waiting();
        return Objects.requireNonNull(circuit().tryAcquire());
    }

    void awaitStored() {
        if (!lab.circuits.flush(Duration.ofSeconds(30))) {
            throw new AssertionError("Not stored");
        }
    }

    CircuitRecord stored() {
        return Objects.requireNonNull(store.find("default", "agent"));
    }

    /** Another process' trial has failed, so that it opened the circuit once more; waits until that is heard. */
    void openElsewhere() {
        CircuitRecord before = stored();
        store.writeElsewhere(openElsewhere(before.epoch() + 100));
        await().until(() -> circuit().snapshot().epoch() >= before.epoch() + 100);
    }

    /** What another process would store that has opened the circuit just now. */
    CircuitRecord openElsewhere(long epoch) {
        CircuitRecord before = stored();
        return new CircuitRecord(
                before.organization(),
                before.name(),
                "open",
                epoch,
                before.failureCount(),
                before.successCount(),
                before.consecutiveFailures(),
                before.openings(),
                before.failedTrials() + 1,
                before.lastFailureAt(),
                lab.time.wallTime(),
                before.openedAt(),
                lab.time.wallTime().plus(COOLDOWN),
                false,
                null,
                null,
                null,
                before.policy(),
                before.writer() + 1);
    }

    /** A trial that fails while nothing can be written. */
    void failUnwritten(Permit trial) {
        int before = store.writes.get();
        trial.fail(FailureKind.TIMEOUT);
        await().until(() -> store.writes.get() > before);
    }

    @Override
    public void close() {
        store.mode = HandStore.Writes.SUCCEED;
        lab.circuits.close();
    }
}
