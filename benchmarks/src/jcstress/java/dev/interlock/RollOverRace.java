package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two calls are the first of a new cycle in a bucket that still holds the last one's. One replaces the old counts, the other
 * adds to the new ones, in either order: neither call is lost, and nothing old remains.
 */
@JCStressTest
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "Both calls, one of them bad.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A call was lost, or an old one is still counted.")
@State
public class RollOverRace {
    private final TimeWindow window = Buckets.filledInTheLastCycle();

    @Actor
    public void succeed() {
        window.add(Buckets.NOW, false);
    }

    @Actor
    public void fail() {
        window.add(Buckets.NOW, true);
    }

    @Arbiter
    public void judge(II_Result result) {
        long sum = window.sum(Buckets.NOW);
        result.r1 = RollingWindow.Sum.calls(sum);
        result.r2 = RollingWindow.Sum.bad(sum);
    }
}
