package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When closed circuits that count together report, and what follows from the answers. */
class TalliesTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Others others = new Others();

    /** Not started: its turns are the test's. */
    private final FleetThread thread = new FleetThread(new NoWork());

    private final long begun = 7_000 * MILLI;
    private long now = begun;
    private final Tallies tallies = tallies(others);
    private final Unreported counts = new Unreported(CircuitId.of("agent"), tallies);

    private Tallies tallies(Others all) {
        return new Tallies(all, all, "process", thread, () -> all.together, () -> now);
    }

    @Test
    void what_was_counted_is_reported_with_the_next_round_100_ms_after_the_last() {
        counts.count(true);
        assertThat(round(0)).isEqualTo(100 * MILLI);
        assertThat(others.reported).containsExactly("agent 1");
        counts.count(false);
        counts.count(false);

        assertThat(round(40)).isEqualTo(60 * MILLI);
        assertThat(others.reported).hasSize(1);
        round(100);

        assertThat(others.reported).containsExactly("agent 1", "agent 2");
        assertThat(tallies.isIdle()).isTrue();
    }

    @Test
    void what_has_nothing_new_to_say_says_nothing() {
        counts.note();
        round(0);
        assertThat(others.reported).isEmpty();
        assertThat(tallies.isIdle()).isTrue();
    }

    @Test
    void a_breach_is_reported_at_once_even_with_nothing_new() {
        counts.count(true);
        round(0);
        counts.hurry();
        round(1);
        assertThat(others.reported).containsExactly("agent 1", "agent 0");
    }

    @Test
    void what_is_counted_while_a_report_is_under_way_goes_with_the_next() {
        others.answer = new CompletableFuture<>();
        counts.count(true);
        round(0);
        counts.count(true);
        round(100);
        assertThat(others.reported).hasSize(1);
        assertThat(tallies.isIdle()).isFalse();

        others.answer.complete(others.says(Judgement.STAYS));
        round(200);

        assertThat(others.reported).containsExactly("agent 1", "agent 1");
    }

    @Test
    void what_trips_all_opens_the_circuit_by_the_rule_that_was_broken() {
        for (Judgement judgement :
                new Judgement[] {Judgement.FAILURE_STREAK, Judgement.FAILURE_RATE, Judgement.SLOW_CALL_RATE}) {
            others.answer = CompletableFuture.completedFuture(others.says(judgement));
            counts.count(true);
            counts.hurry();
            round(0);
            round(1);
            assertThat(others.done).contains("trip " + judgement);
            now += 100 * MILLI;
        }
    }

    @Test
    void where_callers_are_known_they_are_heard_of_and_else_nothing_is_done() {
        counts.count(true);
        round(0);
        others.answer = CompletableFuture.completedFuture(new TallyAnswer(
                Judgement.STAYS, 1, 1, 0, 0, 0, Duration.ZERO, new CallerSlots(1, 1, 0), Duration.ZERO));
        counts.count(true);
        round(100);
        round(101);
        assertThat(others.done).containsExactly("stays");
    }

    @Test
    void another_record_than_was_thought_is_looked_up_and_what_was_reported_is_reported_again() {
        for (Judgement judgement : new Judgement[] {Judgement.OTHER_RECORD, Judgement.NO_RECORD}) {
            Others each = new Others();
            Tallies ofEach = tallies(each);
            Unreported counted = new Unreported(CircuitId.of("agent"), ofEach);
            each.answer = CompletableFuture.completedFuture(each.says(judgement));
            counted.count(true);
            turn(ofEach);
            turn(ofEach);
            assertThat(each.done).containsExactly("look agent");
            now += 100 * MILLI;
            turn(ofEach);

            assertThat(each.reported).containsExactly("agent 1", "agent 1");
        }
    }

    @Test
    void all_are_asked_once_more_when_the_answer_says() {
        others.answer = later(330);
        counts.count(true);
        round(0);
        assertThat(round(0)).as("the next round comes first").isEqualTo(100 * MILLI);
        assertThat(others.done).containsExactly("stays");
        assertThat(tallies.isIdle()).as("it waits").isFalse();
        others.answer = CompletableFuture.completedFuture(others.says(Judgement.STAYS));
        assertThat(round(300)).isEqualTo(30 * MILLI);
        round(329);
        assertThat(others.reported).containsExactly("agent 1");

        round(330);

        assertThat(others.reported).containsExactly("agent 1", "agent 0");
        assertThat(tallies.isIdle()).isTrue();
    }

    @Test
    void until_all_are_asked_once_more_as_the_answer_says_no_further_breach_asks_them() {
        others.answer = later(330);
        counts.hurry();
        round(0);
        round(0);
        round(300);
        counts.hurry();
        round(300);
        assertThat(others.reported).containsExactly("agent 0");
        round(330);
        assertThat(others.reported).containsExactly("agent 0", "agent 0");
        counts.hurry();
        round(330);
        assertThat(others.reported).hasSize(3);
    }

    @Test
    void what_counts_no_more_says_nothing() {
        others.over.add("agent");
        counts.count(true);
        round(0);
        assertThat(others.reported).isEmpty();
    }

    @Test
    void what_was_counted_while_nobody_could_be_asked_is_forgotten() {
        others.together = false;
        assertThat(tallies.areTogether()).isFalse();
        counts.count(true);
        round(0);
        others.together = true;
        round(100);
        assertThat(others.reported).isEmpty();
        assertThat(counts.isEmpty()).isTrue();
    }

    @Test
    void one_whose_beginning_is_not_stored_waits_for_the_next_round() {
        others.unstored.add("agent");
        counts.count(true);
        round(0);
        assertThat(others.reported).isEmpty();
        others.unstored.clear();
        round(100);
        assertThat(others.reported).containsExactly("agent 1");
    }

    @Test
    void one_that_fails_to_be_reported_keeps_no_other_waiting_and_judges_by_itself() {
        Unreported broken = new Unreported(CircuitId.of("broken"), tallies);
        Unreported unasked = new Unreported(CircuitId.of("unasked"), tallies);
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((failing, thrown) -> others.done.add("reported"));
        try {
            broken.count(true);
            unasked.count(true);
            counts.count(true);
            round(0);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(others.reported).containsExactly("agent 1");
        assertThat(others.done).containsExactly("reported", "reported");
        assertThat(unasked.isAlone()).isTrue();
        assertThat(counts.isAlone()).isFalse();
    }

    @Test
    void an_answer_that_fails_lets_this_process_judge_by_itself() {
        others.answer = CompletableFuture.failedFuture(new IllegalStateException("of a test"));
        counts.count(true);
        round(0);
        assertThat(counts.isAlone()).isTrue();
        assertThat(others.done).isEmpty();
    }

    @Test
    void callers_of_a_report_without_an_answer_are_reported_once_more_and_of_an_answered_one_are_not() {
        FleetCallers known = new FleetCallers(new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false), now);
        known.asked(5, now);
        others.callers = known;
        others.answer = CompletableFuture.failedFuture(new IllegalStateException("of a test"));
        counts.count(true);
        round(0);
        others.answer = CompletableFuture.completedFuture(others.says(Judgement.STAYS));
        round(100);
        round(200);
        assertThat(others.asked).containsExactly(1L << 5, 1L << 5);
    }

    @Test
    void what_is_counted_or_breached_while_the_thread_sleeps_wakes_it() {
        Rounds rounds = new Rounds();
        try (FleetThread asleep = new FleetThread(rounds)) {
            rounds.tallies = new Tallies(others, others, "process", asleep, () -> true, System::nanoTime);
            Unreported counted = new Unreported(CircuitId.of("agent"), rounds.tallies);
            asleep.start();
            await().until(rounds::isAsleep);
            counted.count(true);
            await().until(() -> others.reported.size() == 1 && rounds.isAsleep());
            counted.hurry();
            await().until(() -> others.reported.size() == 2);
        }
        assertThat(others.reported).containsExactly("agent 1", "agent 0");
    }

    @Test
    void at_the_end_all_is_forgotten_and_nothing_noted_any_more() {
        others.answer = later(330);
        counts.count(true);
        round(0);
        round(0);
        counts.count(true);
        counts.hurry();
        tallies.end();
        assertThat(tallies.isIdle()).isTrue();
        thread.close();
        new Unreported(CircuitId.of("later"), tallies).count(true);
        new Unreported(CircuitId.of("later"), tallies).hurry();
        assertThat(tallies.isIdle()).isTrue();
    }

    /** A turn so many milliseconds after the first, after all that the last one left to be done. */
    private long round(long millis) {
        now = begun + millis * MILLI;
        return turn(tallies);
    }

    private long turn(Tallies working) {
        thread.turn();
        return working.work();
    }

    private CompletableFuture<TallyAnswer> later(long millis) {
        return CompletableFuture.completedFuture(new TallyAnswer(
                Judgement.LATER, 1, 1, 0, 0, 0, Duration.ofMillis(millis), CallerSlots.NONE, Duration.ZERO));
    }

    /** All that share circuits, and those of this process. */
    private static final class Others implements CircuitCoordination, LocalCircuits {
        final List<String> reported = new CopyOnWriteArrayList<>();
        final List<Long> asked = new ArrayList<>();

        @Nullable
        Callers callers;

        final List<String> done = new CopyOnWriteArrayList<>();
        final Set<String> over = new HashSet<>();
        final Set<String> unstored = new HashSet<>();
        volatile boolean together = true;
        volatile CompletableFuture<TallyAnswer> answer = CompletableFuture.completedFuture(says(Judgement.STAYS));

        TallyAnswer says(Judgement judgement) {
            return new TallyAnswer(judgement, 1, 1, 0, 0, 0, Duration.ZERO, CallerSlots.NONE, Duration.ZERO);
        }

        @Override
        public boolean isCounting(Unreported counts) {
            if (counts.id().name().equals("broken")) {
                throw new IllegalStateException("of a test");
            }
            return !over.contains(counts.id().name());
        }

        @Override
        public @Nullable CircuitTally take(Unreported counts, String process) {
            String name = counts.id().name();
            if (unstored.contains(name)) {
                return null;
            }
            long taken = counts.takeCalls();
            return new CircuitTally(
                    "default",
                    name,
                    1,
                    process,
                    RollingWindow.Sum.calls(taken),
                    RollingWindow.Sum.bad(taken),
                    0,
                    0,
                    0,
                    counts.takeCallers(callers),
                    Duration.ZERO,
                    new TallyRules(0, 0, 0, 0, null, 0));
        }

        @Override
        public @Nullable Long stored(CircuitId id) {
            return unstored.contains(id.name()) ? null : (Long) 1L;
        }

        @Override
        public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
            if (tally.name().equals("unasked")) {
                throw new IllegalStateException("of a test");
            }
            reported.add(tally.name() + " " + tally.calls());
            if (tally.callers().asked() != 0) {
                asked.add(tally.callers().asked());
            }
            return answer;
        }

        @Override
        public void trip(Unreported counts, TransitionCause cause, TallyAnswer answer) {
            done.add("trip " + cause);
        }

        @Override
        public void stays(Unreported counts, CircuitTally tally, TallyAnswer answer) {
            done.add("stays");
        }

        @Override
        public void lookAgain(CircuitId id) {
            done.add("look " + id.name());
        }

        @Override
        public Recovery recovery(CircuitId id, long now) {
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

        @Override
        public boolean isAttached() {
            return together;
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

    /** The work of a thread that does nothing else. */
    private static final class Rounds implements FleetThread.Work {
        private volatile Tallies tallies;
        private volatile @Nullable Thread ran;

        boolean isAsleep() {
            Thread running = ran;
            return running != null && running.getState() == Thread.State.TIMED_WAITING && tallies.isIdle();
        }

        @Override
        public long work() {
            ran = Thread.currentThread();
            return tallies.work();
        }

        @Override
        public boolean isIdle() {
            return tallies.isIdle();
        }

        @Override
        public void end() {}
    }
}
