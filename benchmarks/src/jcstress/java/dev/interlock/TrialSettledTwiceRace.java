package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Two threads settle the permit of a trial, one with a success that closes, the other by giving the call up. Exactly one
 * counts: the circuit is closed, or half-open with the place free again.
 */
@JCStressTest
@Outcome(id = "COUNTED, REPEATED, CLOSED, -1", expect = Expect.ACCEPTABLE, desc = "The success counted.")
@Outcome(
        id = "REPEATED, IGNORED, HALF_OPEN, 0",
        expect = Expect.ACCEPTABLE,
        desc = "The call was given up, and so was its place.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both counted, or none, or the place is lost.")
@State
public class TrialSettledTwiceRace {
    private final CircuitBreaker circuit = RacingCircuits.cooledDown("one-success");
    private final Permit permit = circuit.acquire();

    @Actor
    public void succeed(LLLL_Result result) {
        result.r1 = permit.succeed();
    }

    @Actor
    public void cancel(LLLL_Result result) {
        result.r2 = permit.cancel();
    }

    @Arbiter
    public void judge(LLLL_Result result) {
        result.r3 = circuit.state();
        result.r4 = SingleTrialRace.out(circuit);
        RacingCircuits.forget(circuit);
    }
}
