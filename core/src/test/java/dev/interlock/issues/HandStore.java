package dev.interlock.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store whose writes and whose answers to one process a test drives by hand. */
final class HandStore implements CircuitStore, CircuitCoordination {
    /** A question for a trial that waits for its answer. */
    record Asked(TrialAsk ask, CompletableFuture<TrialAnswer> answer) {
        GivenTrial give(String round) {
            GivenTrial given = new GivenTrial(ask.organization(), ask.name(), round, ask.trial());
            answer.complete(new TrialAnswer(TrialAnswer.Place.GIVEN, given, Duration.ZERO, TrialEnd.NOBODY));
            return given;
        }
    }

    /** What becomes of a write. */
    enum Writes {
        /** It is done. */
        SUCCEED,
        /** It is not done, and fails, as does a look at what is stored. */
        FAIL,
        /** It is done, but its answer is lost. */
        LOSE_THE_ANSWER
    }

    private volatile InMemoryCircuitStore kept = new InMemoryCircuitStore();
    final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    final List<GivenTrial> givenBack = new CopyOnWriteArrayList<>();

    /** How those ended. */
    final List<TrialEnd> ends = new CopyOnWriteArrayList<>();

    /** What all processes answer to the end of a trial: whether so many have succeeded. */
    volatile Supplier<CompletionStage<Boolean>> atEnd = () -> CompletableFuture.completedFuture(false);

    /** What is answered to one who asks for the place of a trial around a call, in view of a place that is given. */
    volatile Function<TrialLoan, CompletionStage<TrialLoan>> lender = CompletableFuture::completedFuture;

    final List<GivenTrial> askedToLend = new CopyOnWriteArrayList<>();

    /** Places that nobody has used, by the name that they had. */
    final List<GivenTrial> returned = new CopyOnWriteArrayList<>();

    /** Who probes, by what is asked; and everything that was asked. */
    volatile Function<ProbeAsk, CompletionStage<ProbeLease>> prober =
            ask -> CompletableFuture.completedFuture(ProbeLease.GIVEN);

    final List<ProbeAsk> askedToProbe = new CopyOnWriteArrayList<>();

    final AtomicInteger writes = new AtomicInteger();

    /** Failures in all tallies. */
    final AtomicInteger tallied = new AtomicInteger();

    /** The thread that holds it keeps writes waiting. */
    final ReentrantLock gate = new ReentrantLock();

    volatile Writes mode = Writes.SUCCEED;

    /** Tallies of each circuit so far. */
    final Map<String, AtomicInteger> tallies = new ConcurrentHashMap<>();

    /** What becomes of tallies, by the circuit's name; the others stay closed. */
    volatile Function<CircuitTally, CompletionStage<TallyAnswer>> judge = HandStore::stays;

    /** How often the thread that deals with other processes looked whether it is attached. */
    final AtomicInteger looks = new AtomicInteger();

    /** Whether the others can be asked. */
    volatile boolean attached = true;

    private volatile @Nullable CircuitSubscriber subscriber;

    /** The next question for a trial. */
    Asked nextAsk() throws InterruptedException {
        Asked next = asked.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("Nobody asked for a trial");
        }
        return next;
    }

    /** Waits until the process has looked several times more what there is to do. */
    void awaitLooks() {
        int before = looks.get();
        await().until(() -> looks.get() >= before + 10);
    }

    /** It is emptied, and filled by another process alone, which is found out by reading. */
    void refillElsewhere(CircuitRecord record) {
        InMemoryCircuitStore other = new InMemoryCircuitStore();
        other.write(List.of(CircuitChange.of(record)));
        kept = other;
        CircuitSubscriber hears = subscriber;
        if (hears != null) {
            hears.onGap();
        }
    }

    /** Another process writes a record over the one that is stored. */
    void writeElsewhere(CircuitRecord record) {
        storeElsewhere(record).run();
    }

    /** Writes as another process would; what is answered lets this process hear of it. */
    Runnable storeElsewhere(CircuitRecord record) {
        CircuitRecord stored = kept.find(record.organization(), record.name());
        long basis = stored == null ? CircuitChange.CLOSED_AND_CLEAN : stored.epoch();
        if (!kept.write(List.of(new CircuitChange(record, basis, List.of()))).isEmpty()) {
            throw new AssertionError("Another record is in the way: " + stored);
        }
        CircuitSubscriber hears = subscriber;
        return () -> {
            if (hears != null) {
                hears.onChanged(record);
            }
        };
    }

    @Override
    public boolean isAttached() {
        if (Thread.currentThread().getName().equals("interlock-shared")) {
            looks.incrementAndGet();
        }
        return attached;
    }

    @Override
    public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
        tallied.addAndGet(tally.failures());
        tallies.computeIfAbsent(tally.name(), name -> new AtomicInteger()).incrementAndGet();
        return judge.apply(tally);
    }

    int tallies(String name) {
        AtomicInteger made = tallies.get(name);
        return made == null ? 0 : made.get();
    }

    static CompletionStage<TallyAnswer> stays(CircuitTally tally) {
        return answer(tally, TallyAnswer.Judgement.STAYS);
    }

    static CompletionStage<TallyAnswer> answer(CircuitTally tally, TallyAnswer.Judgement judgement) {
        return CompletableFuture.completedFuture(new TallyAnswer(
                judgement, tally.calls(), tally.failures(), 0, 0, 0, Duration.ZERO, CallerSlots.NONE, Duration.ZERO));
    }

    @Override
    public CompletionStage<TrialAnswer> askForTrial(TrialAsk ask) {
        CompletableFuture<TrialAnswer> answer = new CompletableFuture<>();
        asked.add(new Asked(ask, answer));
        return answer;
    }

    @Override
    public CompletionStage<TrialHold> renewTrial(GivenTrial trial) {
        return CompletableFuture.completedFuture(TrialHold.KEPT);
    }

    @Override
    public CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end) {
        givenBack.add(trial);
        ends.add(end);
        return atEnd.get();
    }

    @Override
    public CompletionStage<TrialLoan> borrowTrial(GivenTrial around, String name, Duration left) {
        GivenTrial borrowed = new GivenTrial(around.organization(), around.name(), around.round(), name);
        askedToLend.add(around);
        return lender.apply(new TrialLoan(TrialLoan.Answer.GIVEN, borrowed, left));
    }

    @Override
    public CompletionStage<Boolean> returnTrial(GivenTrial borrowed, GivenTrial around) {
        returned.add(borrowed);
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<ProbeLease> askToProbe(ProbeAsk ask) {
        askedToProbe.add(ask);
        return prober.apply(ask);
    }

    @Override
    public long nextGeneration() {
        return kept.nextGeneration();
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        kept.readNotClosed(reader);
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        if (mode == Writes.FAIL) {
            throw new StoreUnavailableException("Not found out", null);
        }
        return kept.find(organization, name);
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        gate.lock();
        try {
            writes.incrementAndGet();
            if (mode == Writes.FAIL) {
                throw new StoreUnavailableException("Not done", null);
            }
            List<CircuitRecord> inTheWay = kept.write(changes);
            if (mode == Writes.LOSE_THE_ANSWER) {
                throw new StoreUnavailableException("No answer", null);
            }
            return inTheWay;
        } finally {
            gate.unlock();
        }
    }

    @Override
    public void subscribe(CircuitSubscriber hears) {
        subscriber = hears;
    }

    @Override
    public void unsubscribe(CircuitSubscriber hears) {
        subscriber = null;
    }

    @Override
    public CircuitCoordination coordination() {
        return this;
    }

    @Override
    public void close() {}
}
