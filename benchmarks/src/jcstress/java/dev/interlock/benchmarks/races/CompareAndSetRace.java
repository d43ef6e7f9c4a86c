package dev.interlock.benchmarks.races;

import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Of two moves from one phase exactly one wins: the line on which every circuit rests. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "The first actor moved.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "The second actor moved.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both moved, or none did.")
@State
public class CompareAndSetRace {

    private final AtomicReference<String> phase = new AtomicReference<>("closed");
    private boolean first;
    private boolean second;

    @Actor
    public void open() {
        first = phase.compareAndSet("closed", "open");
    }

    @Actor
    public void hold() {
        second = phase.compareAndSet("closed", "held");
    }

    @Arbiter
    public void judge(ZZ_Result result) {
        result.r1 = first;
        result.r2 = second;
    }
}
