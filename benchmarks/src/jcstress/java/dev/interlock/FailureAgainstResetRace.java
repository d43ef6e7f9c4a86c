package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * A failure that would trip ends while somebody resets. Before the reset it trips, and the reset closes again; after it, it
 * is late. In between it was counted by an epoch that the reset has ended, and its move to open must come to nothing. In any
 * case the circuit ends closed and clean, with no epoch left out.
 */
@JCStressTest
@Outcome(id = "COUNTED, CLOSED, 2, 0", expect = Expect.ACCEPTABLE, desc = "The failure tripped, then came the reset.")
@Outcome(
        id = "COUNTED, CLOSED, 1, 0",
        expect = Expect.ACCEPTABLE,
        desc = "The failure counted in an epoch that was just ending.")
@Outcome(id = "LATE, CLOSED, 1, 0", expect = Expect.ACCEPTABLE, desc = "The reset came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A late failure moved the circuit, or was counted by it.")
@State
public class FailureAgainstResetRace {
    private final CircuitBreaker circuit = RacingCircuits.closed("one-failure");
    private final Permit permit = circuit.acquire();

    @Actor
    public void fail(LLLL_Result result) {
        result.r1 = permit.fail(FailureKind.ERROR);
    }

    @Actor
    public void reset() {
        circuit.override(ManualOverride.of(OverrideAction.RESET, "race"));
    }

    @Arbiter
    public void judge(LLLL_Result result) {
        result.r2 = circuit.state();
        result.r3 = circuit.origin().epoch;
        result.r4 = RacingCircuits.figures(circuit).failures()
                + RacingCircuits.figures(circuit).consecutiveFailures();
    }
}
