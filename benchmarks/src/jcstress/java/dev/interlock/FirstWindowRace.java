package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A closed circuit owns no window until the first outcome. Two come at the same time: of the two windows that are made one
 * stays, and both calls are in it.
 */
@JCStressTest
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "Both calls.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A call went into a window that nobody keeps.")
@State
public class FirstWindowRace {
    private final CircuitBreaker circuit = RacingCircuits.closed("two-trials");
    private final Permit one = circuit.acquire();
    private final Permit other = circuit.acquire();

    @Actor
    public void succeed() {
        one.succeed();
    }

    @Actor
    public void fail() {
        other.fail(FailureKind.ERROR);
    }

    @Arbiter
    public void judge(II_Result result) {
        result.r1 = RacingCircuits.figures(circuit).calls();
        result.r2 = RacingCircuits.figures(circuit).failures();
    }
}
