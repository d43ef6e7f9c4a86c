package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LZI_Result;

/**
 * The only trial is cancelled while another call asks for its place. Whichever comes first, the place exists once: after
 * both, as many trials are out as were let in and not given back.
 */
@JCStressTest
@Outcome(id = "IGNORED, true, 1", expect = Expect.ACCEPTABLE, desc = "The place went to the other call.")
@Outcome(id = "IGNORED, false, 0", expect = Expect.ACCEPTABLE, desc = "The other call came before the place was free.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A place was lost or made up.")
@State
public class PlaceGivenBackRace {
    private final CircuitBreaker circuit = RacingCircuits.cooledDown("one-trial");
    private final Permit trial = circuit.acquire();

    @Actor
    public void cancel(LZI_Result result) {
        result.r1 = trial.cancel();
    }

    @Actor
    public void ask(LZI_Result result) {
        result.r2 = circuit.tryAcquire() != null;
    }

    @Arbiter
    public void judge(LZI_Result result) {
        result.r3 = SingleTrialRace.out(circuit);
        RacingCircuits.forget(circuit);
    }
}
