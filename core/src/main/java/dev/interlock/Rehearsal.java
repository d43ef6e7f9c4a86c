package dev.interlock;

import java.time.Duration;

/**
 * A life of two circuits, played once a JVM before the first manager is there, so that no class and no call site is used
 * for the first time by a call at the end of its stack: what fails to initialize there, of ours or of the JDK's, fails
 * for ever. Takes some milliseconds, which would otherwise be the first transition's.
 */
final class Rehearsal {
    private static volatile boolean begun;

    private Rehearsal() {}

    static void once() {
        if (!begun) {
            begun = true; // first: this makes a manager itself
            play();
        }
    }

    private static void play() {
        TimeSource.system().ticks();
        TimeSource.system().coarseTicks();
        TimeSource.system().wallTime();
        try (Timers timers = new Timers(TimeSource.system(), "interlock-rehearsal")) {
            timers.cancel(timers.at(Long.MAX_VALUE, () -> {}));
            timers.choreDue = true;
            timers.wakeForChore();
        }
        ManualTimeSource time = new ManualTimeSource();
        CircuitBreakerConfig config = CircuitBreakerConfig.builder()
                .failureThreshold(2)
                .cooldown(Duration.ofSeconds(1))
                .successThreshold(1)
                .build();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .defaults(config)
                .executor(Runnable::run)
                .listener(transition ->
                        Note.of(CircuitRecords.of(transition)).and(Note.again()).lines())
                .probe("probed", id -> true)
                .policy(
                        "probed",
                        config.toBuilder().probe(ProbeSettings.defaults()).build())
                .build()) {
            Guard guard = circuits.guard("rehearsed");
            for (int trial = 0; trial < 3; trial++) {
                fail(guard);
                fail(guard);
                refused(guard);
                time.advance(Duration.ofSeconds(1));
            }
            guard.call(() -> "good");
            Guard both = guard.dependingOn("probed");
            both.call(() -> "good");
            fail(both);
            CircuitBreaker probed = circuits.getOrCreate("probed");
            ManualOverride hold = ManualOverride.of(OverrideAction.HOLD_OPEN, "rehearsal");
            probed.override(ManualOverride.of(OverrideAction.OPEN, "rehearsal"));
            probed.override(hold.until(time.wallTime().plusSeconds(1)));
            time.advance(Duration.ofSeconds(30));
            probed.override(ManualOverride.of(OverrideAction.RESET, "rehearsal"));
            probed.override(ManualOverride.of(OverrideAction.CLOSE, "rehearsal"));
            probed.recordFailure(FailureKind.ERROR);
            time.advance(Duration.ofHours(1));
            probed.recordSuccess();
            probed.recordFailure(FailureKind.ERROR);
            probed.recordFailure(FailureKind.LOOP);
            circuits.putDefaultPolicy(CircuitBreakerConfig.recommended());
            circuits.snapshots().forEach(CircuitSnapshot::isNotClosed);
            time.advance(Duration.ofDays(2));
        }
    }

    private static void fail(Guard guard) {
        try {
            guard.run(() -> {
                throw new StackOverflowError();
            });
        } catch (StackOverflowError | CircuitOpenException rehearsed) {
            // What counts is that it was classified and taken in.
        }
    }

    private static void refused(Guard guard) {
        if (guard.tryAcquire() == null) {
            guard.withFallback(refused -> refused.getMessage()).call(() -> "");
        }
    }
}
