package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Four calls of two threads come at the end of the cooldown, and two trials are allowed. The first is let in by the
 * move to half-open, the second by the epoch that it began: the two counts must be one.
 */
@JCStressTest
@Outcome(
        id = {"2, 0, 2", "1, 1, 2", "0, 2, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "Two trials.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Too many trials, or too few.")
@State
public class TwoTrialsRace {
    private final CircuitBreaker circuit = RacingCircuits.cooledDown("two-trials");

    @Actor
    public void first(III_Result result) {
        result.r1 = twice();
    }

    @Actor
    public void second(III_Result result) {
        result.r2 = twice();
    }

    @Arbiter
    public void judge(III_Result result) {
        result.r3 = SingleTrialRace.out(circuit);
        RacingCircuits.forget(circuit);
    }

    private int twice() {
        return (circuit.tryAcquire() != null ? 1 : 0) + (circuit.tryAcquire() != null ? 1 : 0);
    }
}
