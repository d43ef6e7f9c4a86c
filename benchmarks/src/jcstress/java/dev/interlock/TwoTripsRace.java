package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Two failures end at the same time, and each alone would trip. One does; the other either saw the same epoch, and lost, or
 * is late. The circuit opens once: a second opening would start the cooldown again.
 */
@JCStressTest
@Outcome(
        id = {"COUNTED, COUNTED, OPEN, 1", "COUNTED, LATE, OPEN, 1", "LATE, COUNTED, OPEN, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One trip.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Two trips, or none, or a failure that nobody counted.")
@State
public class TwoTripsRace {
    private final CircuitBreaker circuit = RacingCircuits.closed("one-failure");
    private final Permit one = circuit.acquire();
    private final Permit other = circuit.acquire();

    @Actor
    public void first(LLLL_Result result) {
        result.r1 = one.fail(FailureKind.ERROR);
    }

    @Actor
    public void second(LLLL_Result result) {
        result.r2 = other.fail(FailureKind.SERVER_ERROR);
    }

    @Arbiter
    public void judge(LLLL_Result result) {
        result.r3 = circuit.state();
        result.r4 = circuit.origin().epoch;
        RacingCircuits.forget(circuit);
    }
}
