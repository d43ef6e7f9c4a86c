package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Two threads settle one permit, one with a success, the other with a failure. Exactly one counts, and what it said is what
 * the circuit has counted.
 */
@JCStressTest
@Outcome(id = "COUNTED, REPEATED, 1, 0", expect = Expect.ACCEPTABLE, desc = "The success counted.")
@Outcome(id = "REPEATED, COUNTED, 1, 1", expect = Expect.ACCEPTABLE, desc = "The failure counted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both counted, or none.")
@State
public class SettledTwiceRace {
    private final CircuitBreaker circuit = RacingCircuits.closed("two-trials");
    private final Permit permit = circuit.acquire();

    @Actor
    public void succeed(LLLL_Result result) {
        result.r1 = permit.succeed();
    }

    @Actor
    public void fail(LLLL_Result result) {
        result.r2 = permit.fail(FailureKind.ERROR);
    }

    @Arbiter
    public void judge(LLLL_Result result) {
        result.r3 = RacingCircuits.figures(circuit).calls();
        result.r4 = RacingCircuits.figures(circuit).failures();
    }
}
