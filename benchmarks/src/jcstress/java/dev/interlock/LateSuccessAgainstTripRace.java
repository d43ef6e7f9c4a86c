package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * A call that was admitted in closed succeeds while another one's failure trips. The success ends the streak of its own
 * stay at most; it never holds up the trip that the failure has earned, and says nothing about the circuit once that is
 * open.
 */
@JCStressTest
@Outcome(
        id = {"COUNTED, COUNTED, OPEN, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "Both counted in closed.")
@Outcome(id = "LATE, COUNTED, OPEN, 1", expect = Expect.ACCEPTABLE, desc = "The trip came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The success stopped the trip, or moved the open circuit.")
@State
public class LateSuccessAgainstTripRace {
    private final CircuitBreaker circuit = RacingCircuits.closed("one-failure");
    private final Permit one = circuit.acquire();
    private final Permit other = circuit.acquire();

    @Actor
    public void succeed(LLLL_Result result) {
        result.r1 = one.succeed();
    }

    @Actor
    public void fail(LLLL_Result result) {
        result.r2 = other.fail(FailureKind.ERROR);
    }

    @Arbiter
    public void judge(LLLL_Result result) {
        result.r3 = circuit.state();
        result.r4 = circuit.origin().epoch;
        RacingCircuits.forget(circuit);
    }
}
