package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** What calls count while reports are made is reported once: in the report under way, or in a later one. */
@ExtendWith(FrayTestExtension.class)
class TalliesFrayTest {
    private static final TallyAnswer STAYS =
            new TallyAnswer(TallyAnswer.Judgement.STAYS, 0, 0, 0, 0, 0, Duration.ZERO, CallerSlots.NONE, Duration.ZERO);

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void what_is_counted_is_reported_once_and_every_count_brings_its_report() throws Exception {
        Everybody all = new Everybody();
        AtOnce.run(
                () -> {
                    all.counts.count(true);
                    all.counts.count(false);
                },
                () -> all.counts.count(true),
                () -> {
                    all.round();
                    all.round();
                });
        all.round();

        assertThat(all.calls.get()).isEqualTo(3);
        assertThat(all.failures.get()).isEqualTo(2);
        assertThat(all.tallies.isIdle()).isTrue();
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void what_is_put_back_is_reported_with_what_was_counted_meanwhile() throws Exception {
        Everybody all = new Everybody();
        AtOnce.run(() -> all.counts.count(true), () -> all.counts.putBack(2, 1, 0, 0), () -> {
            all.round();
            all.round();
        });
        all.round();

        assertThat(all.calls.get()).isEqualTo(3);
        assertThat(all.failures.get()).isEqualTo(2);
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void a_breach_is_reported_though_its_answer_and_the_next_breach_meet() throws Exception {
        Everybody all = new Everybody();
        all.answer = new CompletableFuture<>();
        all.counts.count(true);
        all.round();
        AtOnce.run(
                () -> {
                    all.counts.count(true);
                    all.counts.hurry();
                },
                () -> all.answer.complete(STAYS),
                all::round);
        all.answer = CompletableFuture.completedFuture(STAYS);
        all.round();
        all.round();

        assertThat(all.failures.get()).isEqualTo(2);
        assertThat(all.tallies.isIdle()).isTrue();
    }

    /** All that share a circuit, as this process sees them; its thread is the test's. */
    private static final class Everybody implements CircuitCoordination, LocalCircuits {
        private volatile long now = System.nanoTime();
        final AtomicInteger calls = new AtomicInteger();
        final AtomicInteger failures = new AtomicInteger();
        final Tallies tallies =
                new Tallies(this, this, "process", new FleetThread(new Nothing()), () -> true, () -> now);
        final Unreported counts = new Unreported(CircuitId.of("agent"), tallies);
        volatile CompletableFuture<TallyAnswer> answer = CompletableFuture.completedFuture(STAYS);

        void round() {
            now = now + TimeUnit.MILLISECONDS.toNanos(200);
            tallies.work();
        }

        @Override
        public @Nullable Long stored(CircuitId id) {
            return 1L;
        }

        @Override
        public boolean isCounting(Unreported counted) {
            return true;
        }

        @Override
        public CircuitTally take(Unreported counted, String process) {
            long taken = counted.takeCalls();
            int of = RollingWindow.Sum.calls(taken);
            int failed = RollingWindow.Sum.bad(taken);
            TallyRules rules = new TallyRules(0, 0, 0, 0, null, 0);
            return new CircuitTally(
                    "default", "agent", 1, process, of, failed, 0, 0, 0, CallerSlots.NONE, Duration.ZERO, rules);
        }

        @Override
        public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
            calls.addAndGet(tally.calls());
            failures.addAndGet(tally.failures());
            return answer;
        }

        @Override
        public boolean isAttached() {
            return true;
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

        @Override
        public void trip(Unreported counted, TransitionCause cause, TallyAnswer said) {
            throw new AssertionError(cause);
        }

        @Override
        public void stays(Unreported counts, CircuitTally tally, TallyAnswer answer) {}

        @Override
        public void lookAgain(CircuitId id) {
            throw new AssertionError(id);
        }

        @Override
        public Recovery recovery(CircuitId id, long tick) {
            return Recovery.NONE;
        }

        @Override
        public void close(CircuitId id, @Nullable Trip tried) {
            throw new AssertionError(id);
        }

        @Override
        public void giveBack(CircuitId id, Place place) {
            throw new AssertionError(id);
        }
    }

    /** The work of a thread that is not started. */
    private static final class Nothing implements FleetThread.Work {
        @Override
        public long work() {
            return 0;
        }

        @Override
        public boolean isIdle() {
            return true;
        }

        @Override
        public void end() {}
    }
}
