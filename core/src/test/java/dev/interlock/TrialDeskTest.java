package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.LocalCircuits.Recovery;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the desk of a shared circuit asks for a trial, how long it keeps one, and when it gives one back. */
class TrialDeskTest {
    private static final long MILLI = TrialDesk.MILLI;
    private static final long SECOND = 1_000 * MILLI;
    private static final TrialRules RULES = new TrialRules(3, 2, 2, 60 * SECOND);
    private static final GivenTrial GIVEN = new GivenTrial("default", "agent", "1", "trial");
    private static final Trip TRIP = new Trip(
            0, Instant.EPOCH, Figures.NONE, 0, 0, RollingWindow.NEVER, RollingWindow.NEVER, TrialEnd.NOBODY, null);

    private final Object epoch = new Object();
    private long now = 1_000 * SECOND;
    private final TrialDesk desk = new TrialDesk(RULES, now);

    // When it asks.

    @Test
    void it_asks_200_ms_before_the_end_of_the_cooldown_and_says_when_that_is() {
        TrialWork early = desk.work(cooling(201 * MILLI), now);
        assertThat(early.ask()).isZero();
        assertThat(early.next()).isEqualTo(now + MILLI);

        assertThat(desk.work(cooling(200 * MILLI), now).ask()).isEqualTo(1);
    }

    @Test
    void it_looks_each_second_whether_a_long_cooldown_has_been_cut_short() {
        assertThat(desk.work(cooling(60 * SECOND), now).next()).isEqualTo(now + SECOND);
        assertThat(desk.work(cooling(1_200 * MILLI), now).next()).isEqualTo(now + SECOND);
        assertThat(desk.work(cooling(1_100 * MILLI), now).next()).isEqualTo(now + 900 * MILLI);
    }

    @Test
    void it_asks_by_the_rules_of_the_last_call() {
        TrialRules seen = new TrialRules(9, 8, 7, SECOND);
        desk.seen(epoch, seen, now);
        assertThat(desk.work(Recovery.NONE, now).rules()).isSameAs(seen);

        TrialRules wanted = new TrialRules(6, 5, 4, SECOND);
        desk.take(wanted, null, now);
        assertThat(desk.work(cooled(), now).rules()).isSameAs(wanted);
    }

    @Test
    void it_asks_one_question_at_a_time() {
        int first = desk.work(cooled(), now).ask();
        assertThat(first).isEqualTo(1);
        assertThat(desk.isDue(now)).isFalse();

        TrialWork further = desk.work(cooled(), now + 1);
        assertThat(further.ask()).isZero();
        assertThat(further.next()).isEqualTo(now + 5 * SECOND);
    }

    @Test
    void a_question_without_an_answer_counts_as_lost_after_5_s_and_its_late_answer_is_given_back() {
        int first = desk.work(cooled(), now).ask();
        now += 5 * SECOND - 1;
        assertThat(desk.work(cooled(), now).ask()).isZero();

        now += 1;
        int second = desk.work(cooled(), now).ask();

        assertThat(second).isNotZero().isNotEqualTo(first);
        assertThat(desk.answered(first, GIVEN, false, now)).isFalse();
        assertThat(desk.answered(second, GIVEN, false, now)).isTrue();
    }

    @Test
    void an_answer_that_nobody_waits_for_is_given_back() {
        int ask = desk.work(cooled(), now).ask();
        assertThat(desk.answered(ask, GIVEN, false, now)).isTrue();
        assertThat(desk.answered(ask, GIVEN, false, now)).isFalse();
    }

    @Test
    void after_a_refusal_it_asks_again_500_ms_after_the_question() {
        int ask = desk.work(cooled(), now).ask();
        assertThat(desk.answered(ask, null, true, now + 100 * MILLI)).isFalse();
        assertThat(desk.isFull()).isTrue();
        long again = now + 500 * MILLI;

        assertThat(desk.isDue(again - 1)).isFalse();
        assertThat(desk.work(cooled(), again - 1).ask()).isZero();
        assertThat(desk.work(cooled(), again - 1).next()).isEqualTo(again);
        assertThat(desk.isDue(again)).isTrue();
        assertThat(desk.work(cooled(), again).ask()).isEqualTo(2);
    }

    @Test
    void the_first_refused_call_of_another_epoch_asks_at_once() {
        desk.seen(epoch, RULES, now);
        desk.answered(desk.work(cooled(), now).ask(), null, true, now);

        Object another = new Object();
        assertThat(desk.seen(another, RULES, now + 1)).isTrue();

        assertThat(desk.isFull()).isFalse();
        assertThat(desk.isDue(now + 1)).isTrue();
        assertThat(desk.work(new Recovery(another, null, true, 0, true), now + 1)
                        .ask())
                .isEqualTo(2);
    }

    @Test
    void it_does_not_ask_before_all_know_of_the_epoch() {
        TrialWork work = desk.work(new Recovery(epoch, null, true, 0, false), now);
        assertThat(work.untilStored()).isTrue();
        assertThat(work.ask()).isZero();
        assertThat(desk.isDue(now)).isFalse();

        work = desk.work(cooled(), now);
        assertThat(work.untilStored()).isFalse();
        assertThat(work.ask()).isEqualTo(1);
    }

    @Test
    void it_does_not_ask_for_a_circuit_that_is_not_tried() {
        TrialWork work = desk.work(new Recovery(epoch, null, false, 0, true), now);
        assertThat(work.ask()).isZero();
        assertThat(work.untilStored()).isFalse();
        assertThat(work.next()).isEqualTo(TrialDesk.NEVER);
    }

    @Test
    void it_does_not_ask_while_the_trials_that_run_here_take_up_all_places() {
        HeldTrial first = taken();
        taken();
        TrialWork full = desk.work(cooled(), now);
        assertThat(full.ask()).isZero();
        assertThat(full.next()).isEqualTo(now + SECOND);

        assertThat(desk.end(first, now)).isTrue();
        assertThat(desk.work(cooled(), now).ask()).isNotZero();
    }

    // Who wants a trial.

    @Test
    void it_asks_for_nobody_when_no_call_has_come_for_30_s() {
        assertThat(desk.work(cooled(), now + 30 * SECOND).ask()).isZero();
        assertThat(desk.work(cooled(), now + 30 * SECOND).next()).isEqualTo(TrialDesk.NEVER);
        assertThat(desk.work(cooled(), now + 30 * SECOND - 1).ask()).isEqualTo(1);
    }

    @Test
    void a_call_that_finds_no_trial_wants_one_for_30_s() {
        now += 29 * SECOND;
        assertThat(desk.take(RULES, null, now)).isNull();
        assertThat(desk.work(cooled(), now + 30 * SECOND - 1).ask()).isEqualTo(1);
    }

    @Test
    void a_refused_call_wants_one_as_well_but_not_each_is_noted_within_50_ms() {
        assertThat(desk.seen(epoch, RULES, now)).isTrue();
        assertThat(desk.seen(epoch, RULES, now + 50 * MILLI - 1)).isFalse();
        assertThat(desk.work(cooled(), now + 30 * SECOND).ask()).isZero();

        assertThat(desk.seen(epoch, RULES, now + 50 * MILLI)).isFalse();
        assertThat(desk.work(cooled(), now + 30 * SECOND).ask()).isEqualTo(1);
    }

    @Test
    void the_first_refused_call_is_noted_however_soon_it_comes() {
        TrialDesk fresh = new TrialDesk(RULES, now);
        assertThat(fresh.seen(epoch, RULES, now)).isTrue();
        assertThat(fresh.seen(new Object(), RULES, now)).isTrue();
    }

    @Test
    void calls_that_were_seen_in_a_long_cooldown_want_a_trial_at_its_end() {
        desk.seen(epoch, RULES, now);
        now += 100 * SECOND;
        assertThat(desk.work(cooling(SECOND), now).next()).isEqualTo(now + 800 * MILLI);
        Recovery ofAnotherEpoch = new Recovery(new Object(), null, true, SECOND, true);
        assertThat(desk.work(ofAnotherEpoch, now).next()).isEqualTo(TrialDesk.NEVER);

        desk.answered(desk.work(cooling(100 * MILLI), now).ask(), GIVEN, false, now);

        assertThat(desk.work(cooled(), now + 3 * SECOND).unused()).isNull();
        assertThat(desk.hasTrial(now + 3 * SECOND)).isTrue();
    }

    // The trial that waits for a call.

    @Test
    void a_call_takes_the_trial_that_waits_and_no_other_does() {
        HeldTrial held = taken();
        assertThat(held.given).isEqualTo(GIVEN);
        assertThat(held.ours).isTrue();
        assertThat(held.needed).isEqualTo(RULES.needed());
        assertThat(held.trip).isSameAs(TRIP);
        assertThat(held.runsUntil).isEqualTo(now + RULES.timeout());

        assertThat(desk.hasTrial(now)).isFalse();
        assertThat(desk.take(RULES, TRIP, now)).isNull();
    }

    @Test
    void when_one_is_taken_the_next_is_asked_for_at_once() {
        taken();
        assertThat(desk.isDue(now)).isTrue();
        assertThat(desk.work(cooled(), now).ask()).isEqualTo(2);
    }

    @Test
    void a_trial_that_nobody_renews_is_good_for_4_s_after_it_was_asked_for() {
        waiting();
        long over = now + 4 * SECOND;
        assertThat(desk.hasTrial(over - 1)).isTrue();
        assertThat(desk.hasTrial(over)).isFalse();
        assertThat(desk.take(RULES, TRIP, over)).isNull();
        assertThat(desk.work(cooled(), over - 1).unused()).isNull();

        TrialWork work = desk.work(cooled(), over);

        assertThat(Objects.requireNonNull(work.unused()).given).isEqualTo(GIVEN);
        assertThat(work.ask()).as("another one").isEqualTo(2);
        assertThat(desk.work(cooled(), over).unused()).isNull();
    }

    @Test
    void it_is_renewed_each_second_and_good_for_4_s_from_then() {
        waiting();
        TrialWork early = desk.work(cooled(), now + SECOND - 1);
        assertThat(early.renew()).isEmpty();
        assertThat(early.next()).isEqualTo(now + SECOND);
        long asked = now + SECOND;
        HeldTrial held = renewed(asked);
        assertThat(desk.work(cooled(), asked).renew()).isEmpty();

        assertThat(desk.renewed(held, TrialHold.KEPT, asked)).isFalse();

        assertThat(desk.hasTrial(asked + 4 * SECOND - 1)).isTrue();
        assertThat(desk.hasTrial(asked + 4 * SECOND)).isFalse();
        assertThat(renewed(asked + SECOND)).isSameAs(held);
    }

    @Test
    void it_is_given_back_when_no_call_has_come_for_30_s() {
        waiting();
        for (int second = 1; second < 30; second++) {
            long asked = now + second * SECOND;
            desk.renewed(renewed(asked), TrialHold.KEPT, asked);
        }
        assertThat(desk.work(cooled(), now + 30 * SECOND - 1).next()).isEqualTo(now + 30 * SECOND);

        TrialWork work = desk.work(cooled(), now + 30 * SECOND);

        assertThat(work.unused()).isNotNull();
        assertThat(work.ask()).isZero();
    }

    @Test
    void it_is_given_back_when_the_circuit_is_not_tried_any_more() {
        waiting();
        assertThat(desk.work(Recovery.NONE, now).unused()).isNotNull();
        assertThat(desk.hasTrial(now)).isFalse();
        assertThat(desk.retire()).isTrue();
    }

    @Test
    void one_that_another_process_wants_is_given_back_after_2_s() {
        waiting();
        HeldTrial held = renewed(now + SECOND);
        assertThat(desk.renewed(held, TrialHold.WANTED, now + 2 * SECOND - 1)).isFalse();
        assertThat(desk.hasTrial(now + 2 * SECOND)).isTrue();

        assertThat(desk.renewed(held, TrialHold.WANTED, now + 2 * SECOND)).isTrue();

        assertThat(desk.hasTrial(now + 2 * SECOND)).isFalse();
        assertThat(desk.work(cooled(), now + 2_500 * MILLI - 1).ask())
                .as("not at once")
                .isZero();
        assertThat(desk.work(cooled(), now + 2_500 * MILLI).ask()).isEqualTo(2);
    }

    @Test
    void one_that_is_lost_waits_for_no_call() {
        waiting();
        assertThat(desk.renewed(renewed(now + SECOND), TrialHold.LOST, now + SECOND))
                .isFalse();
        assertThat(desk.hasTrial(now + SECOND)).isFalse();
        assertThat(desk.retire()).isTrue();
    }

    @Test
    void one_that_ended_elsewhere_is_not_given_back_once_more() {
        waiting();
        assertThat(desk.renewed(renewed(now + SECOND), TrialHold.ENDED, now + SECOND))
                .isFalse();
    }

    @Test
    void it_is_dropped_when_the_circuit_opens_once_more() {
        waiting();
        desk.drop();
        assertThat(desk.hasTrial(now)).isFalse();
        assertThat(desk.take(RULES, TRIP, now)).isNull();
        assertThat(desk.work(cooled(), now + 500 * MILLI).ask()).isEqualTo(2);
    }

    @Test
    void one_that_was_asked_for_before_the_circuit_opened_once_more_is_given_back() {
        int ask = desk.work(cooled(), now).ask();
        desk.drop();
        assertThat(desk.answered(ask, GIVEN, false, now)).isFalse();
        assertThat(desk.hasTrial(now)).isFalse();
    }

    @Test
    void at_the_end_it_is_taken_out_to_be_given_back() {
        assertThat(desk.clear()).isNull();
        waiting();
        assertThat(Objects.requireNonNull(desk.clear()).given).isEqualTo(GIVEN);
        assertThat(desk.clear()).isNull();
        assertThat(desk.retire()).isTrue();
    }

    // Trials that run.

    @Test
    void a_trial_ends_once() {
        HeldTrial held = taken();
        assertThat(desk.end(held, now)).isTrue();
        assertThat(desk.end(held, now)).isFalse();
    }

    @Test
    void the_end_of_a_trial_lets_the_next_be_asked_for_at_once() {
        HeldTrial held = taken();
        desk.answered(desk.work(cooled(), now).ask(), null, true, now);
        assertThat(desk.isDue(now + 1)).isFalse();

        desk.end(held, now + 1);

        assertThat(desk.isDue(now + 1)).isTrue();
        assertThat(desk.isDue(now)).isFalse();
    }

    @Test
    void a_trial_that_ends_later_does_not_put_off_the_next_question() {
        HeldTrial held = taken();
        desk.end(held, now + SECOND);
        assertThat(desk.isDue(now)).isTrue();
    }

    @Test
    void a_trial_that_runs_is_renewed_and_not_given_back_whatever_others_want() {
        HeldTrial held = taken();
        assertThat(desk.work(cooled(), now + SECOND - 1).renew()).isEmpty();
        assertThat(renewed(now + SECOND)).isSameAs(held);
        assertThat(desk.work(cooled(), now + SECOND).next()).isLessThanOrEqualTo(now + 2 * SECOND);
        assertThat(desk.renewed(held, TrialHold.WANTED, now + 3 * SECOND)).isFalse();
        assertThat(desk.renewed(held, TrialHold.LOST, now + 3 * SECOND)).isFalse();
        assertThat(desk.end(held, now + 3 * SECOND))
                .as("its outcome counts here")
                .isTrue();
    }

    @Test
    void a_trial_that_outlasts_its_lease_runs_no_more() {
        waiting();
        HeldTrial held = Objects.requireNonNull(desk.take(new TrialRules(3, 1, 2, 500 * MILLI), TRIP, now));
        assertThat(desk.work(cooled(), now + 500 * MILLI - 1).next()).isEqualTo(now + 500 * MILLI);
        assertThat(desk.work(cooled(), now + 500 * MILLI).ask())
                .as("another one")
                .isEqualTo(2);
        assertThat(desk.end(held, now + 500 * MILLI)).isFalse();
    }

    @Test
    void the_place_of_a_trial_that_another_process_ended_is_given_back_once() {
        HeldTrial held = taken();
        SharedPlace place = new SharedPlace(now, GIVEN, (succeeded, failedCaller) -> {});
        desk.isAt(held, place);
        assertThat(desk.endedElsewhere(held, now)).isSameAs(place);
        assertThat(desk.endedElsewhere(held, now)).isNull();
    }

    @Test
    void the_trial_of_another_process_is_not_renewed_here_and_forgotten_after_a_second() {
        HeldTrial held = Objects.requireNonNull(desk.ofAnother(GIVEN, RULES, TRIP, now));
        assertThat(held.ours).isFalse();
        assertThat(held.trip).isSameAs(TRIP);
        TrialWork work = desk.work(Recovery.NONE, now + SECOND - 1);
        assertThat(work.renew()).isEmpty();
        assertThat(work.next()).isEqualTo(now + SECOND);

        work = desk.work(Recovery.NONE, now + SECOND);

        assertThat(work.renew()).isEmpty();
        assertThat(work.next()).isEqualTo(TrialDesk.NEVER);
        assertThat(desk.end(held, now + SECOND)).isFalse();
    }

    // Out of use.

    @Test
    void it_is_taken_out_of_use_only_when_it_holds_nothing_and_does_not_ask() {
        int ask = desk.work(cooled(), now).ask();
        assertThat(desk.retire()).as("asking").isFalse();
        desk.answered(ask, GIVEN, false, now);
        assertThat(desk.retire()).as("waiting").isFalse();
        HeldTrial held = Objects.requireNonNull(desk.take(RULES, TRIP, now));
        assertThat(desk.retire()).as("running").isFalse();
        desk.end(held, now);

        assertThat(desk.retire()).isTrue();

        assertThat(desk.ofAnother(GIVEN, RULES, TRIP, now))
                .as("another desk takes it")
                .isNull();
    }

    @Test
    void any_thread_may_work_it_after_any_other() {
        HeldTrial held = taken();
        desk.isAt(held, new SharedPlace(now, GIVEN, (succeeded, failedCaller) -> {}));
        desk.seen(epoch, RULES, now);
        desk.renewed(held, TrialHold.KEPT, now);
        desk.drop();
        desk.ofAnother(GIVEN, RULES, TRIP, now);
        desk.endedElsewhere(held, now);
        desk.clear();
        desk.retire();

        boolean waits = CompletableFuture.supplyAsync(() -> desk.hasTrial(now))
                .orTimeout(5, TimeUnit.SECONDS)
                .join();

        assertThat(waits).isFalse();
    }

    private Recovery cooled() {
        return cooling(0);
    }

    private Recovery cooling(long left) {
        return new Recovery(epoch, TRIP, true, left, true);
    }

    /** Lets a trial wait for a call. */
    private void waiting() {
        int ask = desk.work(cooled(), now).ask();
        assertThat(desk.answered(ask, GIVEN, false, now)).isTrue();
        assertThat(desk.hasTrial(now)).isTrue();
    }

    /** A trial that runs. */
    private HeldTrial taken() {
        waiting();
        return Objects.requireNonNull(desk.take(RULES, TRIP, now));
    }

    /** The one trial that is to be renewed at a tick. */
    private HeldTrial renewed(long tick) {
        TrialWork work = desk.work(cooled(), tick);
        assertThat(work.renew()).hasSize(1);
        return work.renew().get(0);
    }
}
