package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two failures take the places of the two successes in a window of the last two calls, each in two steps: it draws a place,
 * then sets its bit. Both places show failures in the end, whichever bits share a word.
 */
@JCStressTest
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "Both failures.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A bit was lost.")
@State
public class LastCallsRace {
    private final CountWindow window = full();

    @Actor
    public void first() {
        window.add(0, true);
    }

    @Actor
    public void second() {
        window.add(0, true);
    }

    @Arbiter
    public void judge(II_Result result) {
        long sum = window.sum(0);
        result.r1 = RollingWindow.Sum.calls(sum);
        result.r2 = RollingWindow.Sum.bad(sum);
    }

    private static CountWindow full() {
        CountWindow window = new CountWindow(new WindowShape(Window.ofCalls(2), false), null, 2);
        window.add(0, false);
        window.add(0, false);
        return window;
    }
}
