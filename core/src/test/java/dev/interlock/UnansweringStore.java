package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A store with others who never answer, but to who asks to probe. */
class UnansweringStore extends ForwardingStore implements CircuitCoordination {
    final List<ProbeAsk> askedToProbe = new CopyOnWriteArrayList<>();

    /** Whether the others can be asked. */
    volatile boolean attached = true;

    @Override
    public CircuitCoordination coordination() {
        return this;
    }

    @Override
    public boolean isAttached() {
        return attached;
    }

    @Override
    public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<TrialAnswer> askForTrial(TrialAsk ask) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<TrialHold> renewTrial(GivenTrial trial) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<ProbeLease> askToProbe(ProbeAsk ask) {
        askedToProbe.add(ask);
        return CompletableFuture.completedFuture(ProbeLease.GIVEN);
    }
}
