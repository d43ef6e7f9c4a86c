package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import java.util.concurrent.CompletionStage;

/** Other processes that nobody asks. */
final class Nobody implements CircuitCoordination {
    @Override
    public boolean isAttached() {
        return true;
    }

    @Override
    public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
        throw new AssertionError(tally);
    }

    @Override
    public CompletionStage<TrialAnswer> askForTrial(TrialAsk ask) {
        throw new AssertionError(ask);
    }

    @Override
    public CompletionStage<TrialHold> renewTrial(GivenTrial trial) {
        throw new AssertionError(trial);
    }

    @Override
    public CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end) {
        throw new AssertionError(trial);
    }
}
