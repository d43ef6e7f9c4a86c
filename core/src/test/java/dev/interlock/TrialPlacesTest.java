package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a process does with trials that all who share a circuit give it, and with their ends; a test plays the others. */
class TrialPlacesTest {
    private static final long MILLI = TrialDesk.MILLI;
    private static final long SECOND = 1_000 * MILLI;
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final CircuitId OTHER = CircuitId.of("other");
    private static final TrialRules RULES = new TrialRules(3, 2, 2, 60 * SECOND);
    private static final GivenTrial ELSEWHERE = new GivenTrial("default", "agent", "1", "of another");

    private final Object epoch = new Object();
    private final Trip trip = new Trip(
            0, Instant.EPOCH, Figures.NONE, 0, 0, RollingWindow.NEVER, RollingWindow.NEVER, TrialEnd.NOBODY, null);
    private final Others others = new Others();
    private final Turns turns = new Turns();
    private final FleetThread thread = new FleetThread(turns);
    private volatile long now = 1_000 * SECOND;
    private final TrialPlaces places =
            new TrialPlaces(others, others, "process", thread, () -> others.together, () -> now);

    TrialPlacesTest() {
        thread.start();
    }

    @AfterEach
    void close() {
        thread.close();
    }

    // A process by itself.

    @Test
    void a_process_by_itself_asks_nobody_and_each_call_has_a_place_until_its_lease_ends() {
        others.together = false;
        Place place = Objects.requireNonNull(places.take(AGENT, RULES, now));
        assertThat(place.end).isEqualTo(now + 60 * SECOND);
        assertThat(place.given()).isNull();
        assertThat(places.hasTrial(AGENT, now)).isTrue();
        assertThat(places.refused(AGENT, epoch, 0, RULES, now)).isZero();
        assertThat(places.refused(AGENT, epoch, SECOND, RULES, now)).isEqualTo(SECOND);
        assertThat(places.ofAnother(AGENT, RULES, ELSEWHERE, now)).isNull();

        assertThat(places.isIdle()).isTrue();
        assertThat(turn()).isEqualTo(100 * MILLI);
        assertThat(others.done).isEmpty();
    }

    @Test
    void one_that_has_lost_the_others_gives_up_what_it_holds_of_theirs() {
        GivenTrial given = waiting();
        others.together = false;
        now += SECOND;
        turn();

        assertThat(others.done).contains("end " + given.trial() + " false");
        assertThat(places.isIdle()).isTrue();
    }

    // Asking.

    @Test
    void a_refused_call_has_a_trial_asked_for_and_is_to_retry_in_100_ms() {
        assertThat(places.hasTrial(AGENT, now)).isFalse();
        assertThat(places.refused(AGENT, epoch, 0, RULES, now)).isEqualTo(100 * MILLI);
        assertThat(places.isIdle()).isFalse();
        turn();

        TrialAsk ask = others.nextAsk();
        assertThat(ask).isEqualTo(new TrialAsk("default", "agent", ask.trial(), 3, 2, 2, Duration.ZERO));
        assertThat(ask.trial()).startsWith("process-");
        GivenTrial given = others.give(ask);
        turn();
        assertThat(places.hasTrial(AGENT, now)).isTrue();
        Place place = Objects.requireNonNull(places.take(AGENT, RULES, now));
        assertThat(place.given()).isEqualTo(given);
        assertThat(place.end).isEqualTo(now + 60 * SECOND);
        assertThat(places.hasTrial(AGENT, now)).isFalse();
        assertThat(others.done).isEmpty();
    }

    @Test
    void no_two_trials_have_one_name() {
        taken();
        turn();
        assertThat(others.names).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void a_call_that_takes_no_trial_has_one_asked_for_as_well() {
        assertThat(places.take(AGENT, RULES, now)).isNull();
        turn();
        assertThat(others.asked).hasSize(1);
        assertThat(places.take(AGENT, RULES, now)).isNull();
        turn();
        assertThat(others.asked).as("one question at a time").hasSize(1);
    }

    @Test
    void a_call_that_is_refused_in_the_cooldown_waits_as_its_epoch_says_and_a_trial_is_asked_for_at_its_end() {
        others.left = 300 * MILLI;
        assertThat(places.refused(AGENT, epoch, 300 * MILLI, RULES, now)).isEqualTo(300 * MILLI);
        assertThat(turn()).isEqualTo(100 * MILLI);
        assertThat(others.asked).isEmpty();
        now += 100 * MILLI;
        others.left = 200 * MILLI;
        turn();

        assertThat(others.nextAsk().left()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void the_fleets_thread_is_woken_by_the_first_refused_call_of_an_epoch_and_by_no_other_of_its_cooldown() {
        others.left = 60 * SECOND;
        int before = turns.made.get();
        places.refused(AGENT, epoch, 60 * SECOND, RULES, now);
        await().until(() -> turns.made.get() > before);
        turn();
        int looks = others.looks.get();

        places.refused(AGENT, epoch, 60 * SECOND, RULES, now + 60 * MILLI);
        turn();

        assertThat(others.looks).hasValue(looks);
        places.refused(AGENT, new Object(), 60 * SECOND, RULES, now + 60 * MILLI);
        turn();
        assertThat(others.looks).hasValue(looks + 1);
    }

    @Test
    void desks_are_looked_at_by_a_grain_of_50_ms() {
        others.left = 230 * MILLI;
        places.refused(AGENT, epoch, 230 * MILLI, RULES, now);
        assertThat(turn()).isEqualTo(50 * MILLI);
        others.left = 180 * MILLI;
        now += 50 * MILLI - 1;
        assertThat(turn()).isEqualTo(1);
        assertThat(others.asked).isEmpty();
        now += 1;
        turn();
        assertThat(others.asked).hasSize(1);
    }

    @Test
    void of_two_desks_each_is_looked_at_in_its_time() {
        others.left = 230 * MILLI;
        places.refused(AGENT, epoch, 230 * MILLI, RULES, now);
        places.refused(OTHER, epoch, 230 * MILLI, RULES, now);
        turn();
        now += 50 * MILLI;
        others.left = 180 * MILLI;
        turn();

        assertThat(others.asked).extracting(TrialAsk::name).containsExactly("agent", "other");
    }

    @Test
    void until_its_opening_is_stored_nothing_is_asked_and_it_is_looked_at_each_20_ms() {
        others.stored = false;
        places.refused(AGENT, epoch, 0, RULES, now);
        assertThat(turn()).isEqualTo(20 * MILLI);
        int looks = others.looks.get();
        assertThat(turn()).isEqualTo(20 * MILLI);
        assertThat(others.looks).hasValue(looks + 1);
        assertThat(others.asked).isEmpty();
        others.stored = true;
        turn();
        assertThat(others.asked).hasSize(1);
        int then = others.looks.get();
        turn();
        assertThat(others.looks).as("it waits for its answer").hasValue(then);
    }

    // Answers.

    @Test
    void when_all_places_are_taken_a_call_is_to_retry_in_a_second() {
        assertThat(places.soon(AGENT)).isEqualTo(100 * MILLI);
        answer(TrialAnswer.Place.FULL, TrialEnd.NOBODY);
        assertThat(places.soon(AGENT)).isEqualTo(SECOND);
        assertThat(places.refused(AGENT, epoch, 0, RULES, now)).isEqualTo(SECOND);
        assertThat(others.done).isEmpty();
        now += 500 * MILLI;
        turn();
        assertThat(others.asked).as("asked again").hasSize(1);
    }

    @Test
    void whose_trial_failed_last_is_known_from_the_last_answer() {
        assertThat(places.failedLast(AGENT)).isEqualTo(TrialEnd.NOBODY);
        answer(TrialAnswer.Place.FULL, 7);
        assertThat(places.failedLast(AGENT)).isEqualTo(7);
        assertThat(places.failedLast(OTHER)).isEqualTo(TrialEnd.NOBODY);
    }

    @Test
    void when_enough_have_succeeded_the_circuit_closes_that_was_asked_about() {
        answer(TrialAnswer.Place.ENOUGH, TrialEnd.NOBODY);
        assertThat(others.done).containsExactly("close agent of its opening");
    }

    @Test
    void where_all_think_otherwise_of_a_circuit_it_is_looked_up() {
        for (TrialAnswer.Place place :
                List.of(TrialAnswer.Place.COOLING, TrialAnswer.Place.NOT_TRIED, TrialAnswer.Place.NO_RECORD)) {
            others.done.clear();
            answer(place, TrialEnd.NOBODY);
            assertThat(others.done).containsExactly("look agent");
            now += SECOND;
        }
    }

    @Test
    void an_answer_that_fails_is_as_if_there_were_none_yet() {
        places.refused(AGENT, epoch, 0, RULES, now);
        turn();
        others.nextAsk();
        others.lastAnswer().completeExceptionally(new IllegalStateException("of a test"));
        turn();
        assertThat(places.soon(AGENT)).isEqualTo(100 * MILLI);
        assertThat(others.done).isEmpty();
        now += 500 * MILLI;
        turn();
        assertThat(others.asked).hasSize(1);
    }

    @Test
    void a_trial_that_was_given_for_an_opening_that_is_over_is_given_back() {
        places.refused(AGENT, epoch, 0, RULES, now);
        turn();
        places.opened(AGENT);
        places.opened(OTHER);
        GivenTrial given = others.give(others.nextAsk());
        turn();

        assertThat(others.done).containsExactly("end " + given.trial() + " false");
        assertThat(places.hasTrial(AGENT, now)).isFalse();
    }

    @Test
    void one_that_waits_is_dropped_when_its_circuit_opens_and_when_all_have_forgotten_it() {
        waiting();
        places.opened(AGENT);
        assertThat(places.hasTrial(AGENT, now)).isFalse();
        now += SECOND;
        turn();
        others.give(others.nextAsk());
        turn();
        assertThat(places.hasTrial(AGENT, now)).isTrue();

        places.forgotten();

        assertThat(places.hasTrial(AGENT, now)).isFalse();
    }

    // Keeping.

    @Test
    void a_trial_whose_call_runs_is_kept_also_while_another_opening_is_not_stored_yet() {
        GivenTrial given = waiting();
        assertThat(places.take(AGENT, RULES, now)).isNotNull();
        others.stored = false;
        now += SECOND;
        turn();
        assertThat(others.asked).isEmpty();
        assertThat(others.done).containsExactly("renew " + given.trial());
    }

    @Test
    void a_trial_that_waits_is_kept_each_second_and_given_back_when_another_process_wants_it() {
        GivenTrial given = waiting();
        now += SECOND;
        turn();
        assertThat(others.done).containsExactly("renew " + given.trial());
        assertThat(places.hasTrial(AGENT, now)).isTrue();
        others.hold = TrialHold.WANTED;
        now += SECOND;
        turn();

        assertThat(others.done)
                .containsExactly("renew " + given.trial(), "renew " + given.trial(), "end " + given.trial() + " false");
        assertThat(places.hasTrial(AGENT, now)).isFalse();
    }

    @Test
    void one_of_which_nobody_says_what_became_is_good_as_long_as_it_was() {
        waiting();
        others.hold = null;
        now += SECOND;
        turn();
        assertThat(places.hasTrial(AGENT, now + 3 * SECOND - 1)).isTrue();
        assertThat(places.hasTrial(AGENT, now + 3 * SECOND)).isFalse();
    }

    @Test
    void the_place_of_one_that_another_process_has_ended_is_given_back_here_and_the_next_is_asked_for() {
        SharedPlace place = taken();
        turn();
        others.nextAsk();
        others.lastAnswer().complete(answerOf(TrialAnswer.Place.FULL, TrialEnd.NOBODY));
        turn();
        others.hold = TrialHold.ENDED;
        now += SECOND;
        turn();
        turn();

        assertThat(others.givenBack).containsExactly(place);
        place.ended(true, TrialEnd.NOBODY);
        assertThat(others.done).as("its end is known").noneMatch(each -> each.startsWith("end "));
        assertThat(others.asked).hasSize(1);
    }

    // Ends.

    @Test
    void the_end_of_a_trial_is_counted_once_and_closes_the_circuit_when_enough_have_succeeded() {
        SharedPlace place = taken();
        others.enough = true;
        place.ended(true, TrialEnd.NOBODY);
        place.ended(true, TrialEnd.NOBODY);
        turn();

        assertThat(others.done)
                .containsExactly(
                        "end " + Objects.requireNonNull(place.given()).trial() + " true", "close agent of its opening");
        assertThat(others.ends).containsExactly(new TrialEnd(true, 2, TrialEnd.NOBODY));
    }

    @Test
    void a_failed_one_says_whose_it_was_and_closes_nothing() {
        SharedPlace place = taken();
        place.ended(false, 9);
        turn();
        assertThat(others.ends).containsExactly(new TrialEnd(false, 2, 9));
        assertThat(others.done).hasSize(1);
    }

    @Test
    void a_place_that_no_call_used_is_free_for_the_next() {
        SharedPlace place = taken();
        place.unused();
        turn();
        assertThat(others.ends).containsExactly(TrialEnd.of(false, 2));
        assertThat(others.asked).hasSize(1);
    }

    @Test
    void the_end_of_a_trial_has_the_next_asked_for_where_all_places_were_taken() {
        SharedPlace place = taken();
        turn();
        others.nextAsk();
        others.lastAnswer().complete(answerOf(TrialAnswer.Place.FULL, TrialEnd.NOBODY));
        turn();
        assertThat(others.asked).isEmpty();
        now += 1;

        place.ended(false, TrialEnd.NOBODY);
        turn();

        assertThat(others.asked).hasSize(1);
    }

    @Test
    void a_trial_of_another_process_that_ended_here_is_ended_as_such() {
        Place place = Objects.requireNonNull(places.ofAnother(AGENT, RULES, ELSEWHERE, now));
        assertThat(place.given()).isEqualTo(ELSEWHERE);
        assertThat(place.end).isEqualTo(now);
        assertThat(turn()).as("it is looked at").isEqualTo(100 * MILLI);
        others.enough = true;
        place.ended(true, TrialEnd.NOBODY);
        turn();

        assertThat(others.done).containsExactly("end elsewhere of another true", "close agent of its opening");
    }

    @Test
    void a_desk_that_holds_nothing_and_that_nobody_wants_is_forgotten() {
        waiting();
        others.tried = false;
        now += SECOND;
        turn();
        assertThat(places.isIdle()).isTrue();
        assertThat(places.soon(AGENT)).isEqualTo(100 * MILLI);
    }

    @Test
    void at_the_end_what_waits_is_given_back_and_nothing_is_left_to_do() {
        GivenTrial given = waiting();
        places.refused(OTHER, epoch, 0, RULES, now);
        others.stored = false;
        turn();
        places.end();

        assertThat(others.done).containsExactly("end " + given.trial() + " false");
        assertThat(others.ends).containsExactly(TrialEnd.of(false, 2));
        assertThat(places.isIdle()).isTrue();
        int looks = others.looks.get();
        now += 10 * SECOND;
        assertThat(turn()).isEqualTo(100 * MILLI);
        assertThat(others.looks).hasValue(looks);
    }

    // What goes wrong.

    @Test
    void a_circuit_that_cannot_be_asked_about_keeps_no_other_waiting_and_is_looked_at_again_in_a_second() {
        CircuitId broken = CircuitId.of("broken");
        AtomicInteger reported = new AtomicInteger();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((failing, thrown) -> reported.incrementAndGet());
        try {
            places.refused(broken, epoch, 0, RULES, now);
            places.refused(AGENT, epoch, 0, RULES, now);
            turn();
            assertThat(others.asked).hasSize(1);
            assertThat(reported).hasValue(1);
            now += SECOND - 1;
            turn();
            assertThat(reported).hasValue(1);
            now += 1;
            turn();
            assertThat(reported).hasValue(2);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void a_question_that_cannot_be_asked_is_asked_again_after_half_a_second() {
        AtomicInteger reported = new AtomicInteger();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((failing, thrown) -> reported.incrementAndGet());
        others.broken = true;
        try {
            places.refused(AGENT, epoch, 0, RULES, now);
            turn();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(reported).hasValue(1);
        others.broken = false;
        now += 500 * MILLI;
        places.refused(AGENT, epoch, 0, RULES, now);
        turn();
        assertThat(others.asked).hasSize(1);
    }

    private GivenTrial waiting() {
        places.refused(AGENT, epoch, 0, RULES, now);
        turn();
        GivenTrial given = others.give(others.nextAsk());
        turn();
        assertThat(places.hasTrial(AGENT, now)).isTrue();
        return given;
    }

    private SharedPlace taken() {
        waiting();
        return (SharedPlace) Objects.requireNonNull(places.take(AGENT, RULES, now));
    }

    private void answer(TrialAnswer.Place place, int failedCaller) {
        places.refused(AGENT, epoch, 0, RULES, now);
        turn();
        others.nextAsk();
        others.lastAnswer().complete(answerOf(place, failedCaller));
        turn();
    }

    private static TrialAnswer answerOf(TrialAnswer.Place place, int failedCaller) {
        return new TrialAnswer(place, null, Duration.ZERO, failedCaller);
    }

    /** A turn of the fleet's thread, after all that the last one left to be done. */
    private long turn() {
        CompletableFuture<Long> rest = new CompletableFuture<>();
        thread.later(() -> rest.complete(places.work()));
        return rest.orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** All that share circuits, and those of this process. */
    private final class Others implements CircuitCoordination, LocalCircuits {
        final Deque<TrialAsk> asked = new ArrayDeque<>();
        final List<String> names = new ArrayList<>();
        final List<CompletableFuture<TrialAnswer>> answers = new ArrayList<>();
        final List<String> done = new CopyOnWriteArrayList<>();
        final List<TrialEnd> ends = new CopyOnWriteArrayList<>();
        final List<Place> givenBack = new CopyOnWriteArrayList<>();
        final AtomicInteger looks = new AtomicInteger();
        volatile boolean together = true;
        volatile boolean tried = true;
        volatile boolean stored = true;
        volatile boolean broken;
        volatile boolean enough;
        volatile long left;
        volatile @Nullable TrialHold hold = TrialHold.KEPT;

        TrialAsk nextAsk() {
            return asked.remove();
        }

        CompletableFuture<TrialAnswer> lastAnswer() {
            return answers.get(answers.size() - 1);
        }

        GivenTrial give(TrialAsk ask) {
            GivenTrial given = new GivenTrial(ask.organization(), ask.name(), "1", ask.trial());
            lastAnswer().complete(new TrialAnswer(TrialAnswer.Place.GIVEN, given, Duration.ZERO, TrialEnd.NOBODY));
            return given;
        }

        @Override
        public Recovery recovery(CircuitId id, long tick) {
            if (id.name().equals("broken")) {
                throw new IllegalStateException("of a test");
            }
            looks.incrementAndGet();
            return new Recovery(epoch, trip, tried, left, stored);
        }

        @Override
        public CompletionStage<TrialAnswer> askForTrial(TrialAsk ask) {
            if (broken) {
                throw new IllegalStateException("of a test");
            }
            asked.add(ask);
            names.add(ask.trial());
            CompletableFuture<TrialAnswer> answer = new CompletableFuture<>();
            answers.add(answer);
            return answer;
        }

        @Override
        public CompletionStage<TrialHold> renewTrial(GivenTrial trial) {
            done.add("renew " + trial.trial());
            TrialHold present = hold;
            return present == null
                    ? CompletableFuture.failedFuture(new IllegalStateException("of a test"))
                    : CompletableFuture.completedFuture(present);
        }

        @Override
        public CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end) {
            done.add("end " + trial.trial() + " " + end.succeeded());
            ends.add(end);
            return CompletableFuture.completedFuture(enough);
        }

        @Override
        public CompletionStage<Boolean> endTrialOfAnother(GivenTrial trial, TrialEnd end) {
            done.add("end elsewhere " + trial.trial() + " " + end.succeeded());
            return CompletableFuture.completedFuture(enough);
        }

        @Override
        public void lookAgain(CircuitId id) {
            done.add("look " + id.name());
        }

        @Override
        public void close(CircuitId id, @Nullable Trip of) {
            done.add("close " + id.name() + (of == trip ? " of its opening" : ""));
        }

        @Override
        public void giveBack(CircuitId id, Place place) {
            givenBack.add(place);
        }

        @Override
        public boolean isAttached() {
            return together;
        }

        @Override
        public @Nullable Long stored(CircuitId id) {
            throw new AssertionError(id);
        }

        @Override
        public boolean isCounting(Unreported counts) {
            throw new AssertionError(counts);
        }

        @Override
        public @Nullable CircuitTally take(Unreported counts, String process) {
            throw new AssertionError(counts);
        }

        @Override
        public void trip(Unreported counts, TransitionCause cause, TallyAnswer answer) {
            throw new AssertionError(counts);
        }

        @Override
        public void stays(Unreported counts, CircuitTally tally, TallyAnswer answer) {
            throw new AssertionError(counts);
        }

        @Override
        public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
            throw new AssertionError(tally);
        }
    }

    /** The work of a thread that only hands answers over, and counts its turns. */
    private static final class Turns implements FleetThread.Work {
        final AtomicInteger made = new AtomicInteger();

        @Override
        public long work() {
            made.incrementAndGet();
            return TimeUnit.HOURS.toNanos(1);
        }

        @Override
        public boolean isIdle() {
            return true;
        }

        @Override
        public void end() {}
    }
}
