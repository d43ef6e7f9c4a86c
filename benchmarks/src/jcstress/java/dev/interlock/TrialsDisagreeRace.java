package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Of two trials one succeeds, which closes, while the other fails, which opens again. The first move decides; the
 * other's outcome must neither move the circuit nor be counted by the epoch that the first one began.
 */
@JCStressTest
@Outcome(
        id = "COUNTED, LATE, CLOSED, 0",
        expect = Expect.ACCEPTABLE,
        desc = "The success closed; the failure is late and not in the clean window.")
@Outcome(
        id = "LATE, COUNTED, OPEN, 0",
        expect = Expect.ACCEPTABLE,
        desc = "The failure opened again; the success is late.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both moved the circuit, or none, or a late outcome was counted.")
@State
public class TrialsDisagreeRace {
    private final CircuitBreaker circuit = RacingCircuits.cooledDown("one-success");
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
        result.r3 = circuit.origin().epoch == 3 ? circuit.state() : "epoch " + circuit.origin().epoch;
        result.r4 = RacingCircuits.figures(circuit).calls()
                + RacingCircuits.figures(circuit).consecutiveFailures();
        RacingCircuits.forget(circuit);
    }
}
