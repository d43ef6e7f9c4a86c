package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A thread read the clock, then slept for as long as the window is, and adds to a bucket that another thread rolls over at
 * the same time. Its call is counted in the old cycle, and goes with it, or in the new one; the other's call is never lost,
 * and the bucket never goes back to the old cycle.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The old call went with its cycle.")
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "The old call ended in the new cycle.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The new call was lost, or old ones are back.")
@State
public class StaleClockAgainstRollOverRace {
    private final TimeWindow window = Buckets.filledInTheLastCycle();

    @Actor
    public void failLongAgo() {
        window.add(Buckets.A_CYCLE_AGO, true);
    }

    @Actor
    public void succeed() {
        window.add(Buckets.NOW, false);
    }

    @Arbiter
    public void judge(II_Result result) {
        long sum = window.sum(Buckets.NOW);
        result.r1 = RollingWindow.Sum.calls(sum);
        result.r2 = RollingWindow.Sum.bad(sum);
    }
}
