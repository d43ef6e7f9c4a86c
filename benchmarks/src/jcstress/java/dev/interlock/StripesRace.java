package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;

/**
 * Two threads fight for one bucket until one of them, or both, make stripes. What was added to the first ring, to stripes
 * that somebody else made, and to one's own adds up.
 */
@JCStressTest
@Outcome(id = "6, 3, false", expect = Expect.ACCEPTABLE, desc = "All calls, in one ring.")
@Outcome(id = "6, 3, true", expect = Expect.ACCEPTABLE, desc = "All calls, in several.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A call was lost or counted twice.")
@State
public class StripesRace {
    private final TimeWindow window = new TimeWindow(Buckets.SHAPE, null);

    @Actor
    public void first() {
        thrice(false);
    }

    @Actor
    public void second() {
        thrice(true);
    }

    @Arbiter
    public void judge(IIZ_Result result) {
        long sum = window.sum(Buckets.NOW);
        result.r1 = RollingWindow.Sum.calls(sum);
        result.r2 = RollingWindow.Sum.bad(sum);
        result.r3 = Buckets.isStriped(window);
    }

    private void thrice(boolean bad) {
        window.add(Buckets.NOW, bad);
        window.add(Buckets.NOW, bad);
        window.add(Buckets.NOW, bad);
    }
}
