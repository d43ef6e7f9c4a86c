package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * The source of a stream says how it is cancelled and fails, while its consumer gives it up. Exactly one end counts; the
 * source is cancelled once if the consumer was first, else never.
 */
@JCStressTest
@Outcome(id = "true, false, 1, 0", expect = Expect.ACCEPTABLE, desc = "The failure counted.")
@Outcome(id = "false, true, 0, 1", expect = Expect.ACCEPTABLE, desc = "The consumer was first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both ended it, or none, or the source goes on for nobody.")
@State
public class StreamEndedTwiceRace {
    private final CircuitBreaker circuit = RacingCircuits.closed("two-trials");
    private final StreamPermit stream = StreamPermit.start(
            circuit.acquire(),
            StreamLimits.none(),
            RacingCircuits.MANAGER.engine().time,
            RacingCircuits.MANAGER.engine().limits);
    private volatile int cancelled;

    @Actor
    public void fail(LLLL_Result result) {
        stream.cancelWith(this::countCancellation);
        result.r1 = stream.complete(dev.interlock.Outcome.failure(FailureKind.ERROR));
    }

    @Actor
    public void giveUp(LLLL_Result result) {
        result.r2 = stream.cancel();
    }

    @Arbiter
    public void judge(LLLL_Result result) {
        result.r3 = RacingCircuits.figures(circuit).failures();
        result.r4 = cancelled;
    }

    /** At most two threads do so, and only where something is wrong: then a lost count is as telling as two. */
    private void countCancellation() {
        cancelled++;
    }
}
