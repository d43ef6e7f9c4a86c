package dev.interlock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The first piece of a stream comes while the stream is ended. A piece that is handed on has been seen by who ended the
 * stream: no other attempt follows a piece that somebody has.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "The piece was first, and no attempt follows.")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "The end was first, and nobody wants the piece.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "Each saw the other: neither piece nor attempt.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A piece was handed on, and an attempt follows all the same.")
@State
public class FirstPieceAgainstEndRace {
    private final StreamPermit stream = StreamPermit.start(
            RacingCircuits.closed("two-trials").acquire(),
            StreamLimits.none(),
            RacingCircuits.MANAGER.engine().time,
            RacingCircuits.MANAGER.engine().limits);

    @Actor
    public void bring(ZZ_Result result) {
        result.r1 = stream.next();
    }

    @Actor
    public void end(ZZ_Result result) {
        stream.complete(dev.interlock.Outcome.failure(FailureKind.CONNECTION));
        result.r2 = stream.hasPieces();
    }
}
