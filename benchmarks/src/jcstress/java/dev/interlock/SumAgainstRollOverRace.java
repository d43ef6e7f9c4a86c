package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A sum is taken while the first call of a new cycle replaces a bucket's old counts. It sees the bucket before, when nothing
 * in it counts any more, or after, but never half cleared: new calls beside old failures.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Before the roll-over.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "After it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Half a roll-over.")
@State
public class SumAgainstRollOverRace {
    private final TimeWindow window = Buckets.filledInTheLastCycle();

    @Actor
    public void fail() {
        window.add(Buckets.NOW, true);
    }

    @Actor
    public void sum(II_Result result) {
        long sum = window.sum(Buckets.NOW);
        result.r1 = RollingWindow.Sum.calls(sum);
        result.r2 = RollingWindow.Sum.bad(sum);
    }
}
