package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two failures end on the two sides of the border between two cycles, by clocks that differ by a moment, and each sums up
 * after it has recorded. At least one must see both, or a rate that has been reached would trip nothing.
 */
@JCStressTest
@Outcome(
        id = {"2, 2, 2", "1, 2, 2", "2, 1, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "Somebody sees both.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Each sees only its own.")
@State
public class BorderRace {
    private final TimeWindow window = Buckets.filledLongAgo();

    @Actor
    public void failBefore(III_Result result) {
        window.add(Buckets.BEFORE_THE_BORDER, true);
        result.r1 = RollingWindow.Sum.bad(window.sum(Buckets.BEFORE_THE_BORDER));
    }

    @Actor
    public void failAfter(III_Result result) {
        window.add(Buckets.AFTER_THE_BORDER, true);
        result.r2 = RollingWindow.Sum.bad(window.sum(Buckets.AFTER_THE_BORDER));
    }

    @Arbiter
    public void judge(III_Result result) {
        result.r3 = RollingWindow.Sum.bad(window.sum(Buckets.AFTER_THE_BORDER));
    }
}
