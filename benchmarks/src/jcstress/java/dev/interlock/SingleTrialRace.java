package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/**
 * Two calls come at the end of the cooldown, and one trial is allowed. Who moves the circuit to half-open must be the
 * trial by the same step: were the place taken in a second step, the other call could take it in between, or both.
 */
@JCStressTest
@Outcome(id = "true, false, 1", expect = Expect.ACCEPTABLE, desc = "The first call is the trial.")
@Outcome(id = "false, true, 1", expect = Expect.ACCEPTABLE, desc = "The second call is the trial.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both are trials, or none is.")
@State
public class SingleTrialRace {
    private final CircuitBreaker circuit = RacingCircuits.cooledDown("one-trial");

    @Actor
    public void first(ZZI_Result result) {
        result.r1 = circuit.tryAcquire() != null;
    }

    @Actor
    public void second(ZZI_Result result) {
        result.r2 = circuit.tryAcquire() != null;
    }

    @Arbiter
    public void judge(ZZI_Result result) {
        result.r3 = out(circuit);
        RacingCircuits.forget(circuit);
    }

    /** Trials that are out, or -1 if the circuit is not half-open. */
    static int out(CircuitBreaker circuit) {
        CircuitSnapshot now = circuit.snapshot();
        return now.state() == CircuitState.HALF_OPEN ? now.trialsOut() : -1;
    }
}
