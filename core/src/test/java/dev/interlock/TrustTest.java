package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.ProbeRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is known of the trust in a circuit's probes after each thing that is heard, what is stored of it and taken over. */
class TrustTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final Duration MILLI = Duration.ofMillis(1);

    private final ManualTimeSource time = new ManualTimeSource();
    private final Trusts trusts = new Trusts(time);
    private final List<ProbeTrust> announced = new ArrayList<>();
    private final List<ProbeRecord> stored = new ArrayList<>();

    TrustTest() {
        trusts.reportTo(announced::add, changed -> stored.add(trusts.record(changed)));
        time.advance(Duration.ofHours(10));
    }

    private static StateTransition moved(
            CircuitState from, CircuitState to, TransitionCause cause, @Nullable String actor) {
        Hold hold = "holder".equals(actor) ? new Hold(null, actor, null) : null;
        return new StateTransition(AGENT, from, to, 7, Instant.EPOCH, cause, null, null, null, null, hold, actor, null);
    }

    private static StateTransition moved(CircuitState from, CircuitState to, TransitionCause cause) {
        return moved(from, to, cause, null);
    }

    private static Trust heard(Trust trust, StateTransition transition) {
        return trust.moved(transition, 99);
    }

    private static Trust earned() {
        return Trust.NONE.answered(true, true, 5, Instant.EPOCH);
    }

    private static Trust failed(Trust trust, long at) {
        return trust.answered(false, false, at, Instant.EPOCH);
    }

    // What is heard.

    @Test
    void three_calls_that_began_when_the_probe_failed_or_later_show_that_it_was_wrong() {
        Trust trust = failed(earned(), 100);
        assertThat(trust.callSucceeded(99)).isSameAs(trust);
        Trust two = trust.callSucceeded(100).callSucceeded(101);
        assertThat(two.trusted()).isTrue();
        assertThat(two.calls()).isEqualTo(2);
        Trust three = two.callSucceeded(100);
        assertThat(three.trusted()).isFalse();
        assertThat(three.isWatching()).isFalse();
    }

    @Test
    void a_failed_probe_that_nobody_trusts_is_not_watched() {
        Trust trust = failed(Trust.NONE, 100);
        assertThat(trust.isWatching()).isFalse();
        assertThat(trust.callSucceeded(101)).isSameAs(trust);
        assertThat(trust.callFailed()).isSameAs(trust);
        assertThat(failed(earned(), 100).callFailed().isWatching()).isFalse();
    }

    @Test
    void a_real_trial_here_counts_from_now() {
        Trust trust = heard(earned(), moved(CircuitState.OPEN, CircuitState.HALF_OPEN, TransitionCause.REAL_TRIAL));
        assertThat(trust.tried()).isTrue();
        assertThat(trust.trying()).isTrue();
        assertThat(trust.countedFrom()).isEqualTo(99);
    }

    @Test
    void a_trial_elsewhere_is_one_half_open_or_opened_again_there_by_itself() {
        Trust open = heard(earned(), moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.FAILURE_STREAK));
        assertThat(open.tried()).isFalse();
        TransitionCause adopted = TransitionCause.ADOPTED;
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.HALF_OPEN, adopted))
                        .tried())
                .isTrue();
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.HALF_OPEN, adopted, "ada"))
                        .tried())
                .isTrue();
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.OPEN, adopted))
                        .tried())
                .isTrue();
        assertThat(heard(open, moved(CircuitState.HALF_OPEN, CircuitState.OPEN, adopted))
                        .tried())
                .isTrue();
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.OPEN, adopted, "ada"))
                        .tried())
                .as("a person opened it")
                .isFalse();
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.OPEN, adopted, "holder"))
                        .tried())
                .as("it is held")
                .isFalse();
        assertThat(heard(open, moved(CircuitState.CLOSED, CircuitState.OPEN, adopted))
                        .tried())
                .as("it tripped there")
                .isFalse();
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.CLOSED, adopted))
                        .trying())
                .isFalse();
        assertThat(heard(open, moved(CircuitState.OPEN, CircuitState.HALF_OPEN, TransitionCause.COOLDOWN_OVER))
                        .tried())
                .as("after good probes")
                .isFalse();
    }

    @Test
    void trust_is_lost_only_where_trials_close_by_themselves_after_a_failed_probe() {
        StateTransition trial = moved(CircuitState.OPEN, CircuitState.HALF_OPEN, TransitionCause.REAL_TRIAL);
        StateTransition closed = moved(CircuitState.HALF_OPEN, CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED);
        Trust trying = heard(failed(earned(), 10), trial);
        Trust lost = heard(trying, closed);
        assertThat(lost.trusted()).isFalse();
        assertThat(lost.isWatching()).isFalse();
        assertThat(lost.trying()).isFalse();
        assertThat(lost.tried()).isFalse();

        assertThat(heard(heard(earned(), trial), closed).trusted())
                .as("the probe was good")
                .isTrue();
        assertThat(heard(failed(earned(), 10), closed).trusted()).as("no trial").isTrue();
        Trust byHand =
                heard(trying, moved(CircuitState.HALF_OPEN, CircuitState.CLOSED, TransitionCause.OVERRIDE, "ada"));
        assertThat(byHand.trusted()).isTrue();
        assertThat(byHand.isWatching()).as("calls show it").isTrue();
        assertThat(heard(trying, moved(CircuitState.HALF_OPEN, CircuitState.CLOSED, TransitionCause.OVERRIDE, "holder"))
                        .trusted())
                .isTrue();
    }

    @Test
    void a_trip_counts_from_now_and_what_goes_on_open_counts_on() {
        Trust tripped = earned().moved(moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.HEALTH), 40);
        assertThat(tripped.countedFrom()).isEqualTo(40);
        Trust tried = tripped.moved(moved(CircuitState.OPEN, CircuitState.HALF_OPEN, TransitionCause.REAL_TRIAL), 50);
        Trust again = heard(tried, moved(CircuitState.HALF_OPEN, CircuitState.OPEN, TransitionCause.TRIAL_FAILED));
        assertThat(again.countedFrom()).isEqualTo(50);
        assertThat(again.tried()).isTrue();
        assertThat(again.trying()).isFalse();
        Trust resumed = heard(tried, moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.RESUMED));
        assertThat(resumed.countedFrom()).as("over a restart, too").isEqualTo(50);
        assertThat(resumed.tried()).isTrue();
        Trust first = heard(earned(), moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.RESUMED));
        assertThat(first.countedFrom()).as("nobody knows since when").isEqualTo(99);
        Trust anotherTrip = heard(tried, moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.HEALTH));
        assertThat(anotherTrip.countedFrom()).isEqualTo(99);
        assertThat(anotherTrip.tried()).isFalse();
    }

    @Test
    void calls_go_on_being_watched_where_another_process_trusts_too() {
        Trust watching = failed(earned(), 10).callSucceeded(11);
        assertThat(watching.heard(true, false, 3).calls()).isEqualTo(1);
        assertThat(watching.heard(false, true, 3).isWatching()).isFalse();
        assertThat(watching.heard(false, true, 3).tried()).isTrue();
        assertThat(watching.heard(false, true, 3).countedFrom()).isEqualTo(3);
    }

    @Test
    void a_suspicion_begins_once_an_interval() {
        ProbedCircuit probed = trusts.of(AGENT);
        assertThat(probed.suspect(1_000, 30)).isTrue();
        assertThat(probed.suspect(1_029, 30)).isFalse();
        assertThat(probed.suspect(1_030, 30)).isTrue();
        assertThat(probed.search("none", "another")).isFalse();
        assertThat(probed.search(null, "first")).isTrue();
        assertThat(probed.search()).isEqualTo("first");
    }

    // What a process knows.

    @Test
    void a_circuit_is_known_from_its_first_question_until_it_is_forgotten() {
        assertThat(trusts.isAny()).isFalse();
        assertThat(trusts.find(AGENT)).isNull();
        ProbedCircuit probed = trusts.of(AGENT);
        assertThat(trusts.of(AGENT)).isSameAs(probed);
        assertThat(trusts.find(AGENT)).isSameAs(probed);
        assertThat(trusts.isAny()).isTrue();
        trusts.forget(AGENT);
        assertThat(trusts.isAny()).isFalse();
    }

    @Test
    void calls_are_looked_at_until_they_have_shown_what_a_probe_is_worth() {
        ProbedCircuit probed = trusts.of(AGENT);
        trusts.answered(probed, true, true);
        assertThat(trusts.callSucceeded(probed, time.ticks())).isFalse();
        trusts.answered(probed, false, false);
        assertThat(trusts.callSucceeded(probed, time.ticks())).isTrue();
        assertThat(trusts.callSucceeded(probed, time.ticks())).isTrue();
        assertThat(trusts.callSucceeded(probed, time.ticks())).isFalse();
        assertThat(announced).extracting(ProbeTrust::trusted).containsExactly(true, false);
        assertThat(stored).extracting(ProbeRecord::trusted).containsExactly(true, false);
    }

    @Test
    void a_real_trial_is_stored_a_millisecond_after_what_was_known_so_that_news_of_trust_win() {
        ProbedCircuit probed = trusts.of(AGENT);
        trusts.answered(probed, true, true);
        Instant earned = time.wallTime();
        time.advance(Duration.ofMinutes(1));
        trusts.moved(probed, moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.HEALTH), time.ticks());
        Instant opened = time.wallTime();
        time.advance(Duration.ofMinutes(1));
        trusts.moved(
                probed, moved(CircuitState.OPEN, CircuitState.HALF_OPEN, TransitionCause.REAL_TRIAL), time.ticks());

        assertThat(stored)
                .containsExactly(
                        new ProbeRecord("default", "agent", true, false, null, earned),
                        new ProbeRecord("default", "agent", true, false, opened, earned.plus(MILLI)),
                        new ProbeRecord(
                                "default",
                                "agent",
                                true,
                                true,
                                time.wallTime(),
                                earned.plus(MILLI).plus(MILLI)));
    }

    @Test
    void a_trial_of_which_nothing_was_stored_is_stored_as_of_now() {
        ProbedCircuit probed = trusts.of(AGENT);
        trusts.moved(probed, moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.HEALTH), time.ticks());
        assertThat(stored)
                .containsExactly(new ProbeRecord("default", "agent", false, false, time.wallTime(), time.wallTime()));
        assertThat(announced).isEmpty();
    }

    @Test
    void a_move_that_changes_neither_is_not_stored() {
        ProbedCircuit probed = trusts.of(AGENT);
        trusts.moved(probed, moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.HEALTH), 10);
        stored.clear();
        trusts.moved(probed, moved(CircuitState.OPEN, CircuitState.OPEN, TransitionCause.OVERRIDE, "ada"), 20);
        assertThat(stored).isEmpty();
        trusts.moved(probed, moved(CircuitState.CLOSED, CircuitState.OPEN, TransitionCause.HEALTH), 20);
        assertThat(stored).as("counted from another time").hasSize(1);
    }

    @Test
    void a_loss_of_trust_is_stored_once_though_the_trial_is_over_too() {
        ProbedCircuit probed = trusts.of(AGENT);
        trusts.answered(probed, true, true);
        trusts.answered(probed, false, false);
        trusts.moved(
                probed, moved(CircuitState.OPEN, CircuitState.HALF_OPEN, TransitionCause.REAL_TRIAL), time.ticks());
        stored.clear();
        trusts.moved(probed, moved(CircuitState.HALF_OPEN, CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED), 1);
        assertThat(stored)
                .singleElement()
                .satisfies(record -> assertThat(record.trusted()).isFalse());
    }

    @Test
    void what_nobody_has_stored_is_as_old_as_now() {
        assertThat(trusts.record(trusts.of(AGENT)))
                .isEqualTo(new ProbeRecord("default", "agent", false, false, null, time.wallTime()));
    }

    // What is stored by others.

    @Test
    void what_is_stored_is_taken_over_whole_the_first_time_and_announced_to_nobody() {
        Instant hourAgo = time.wallTime().minus(Duration.ofHours(1));
        trusts.take(AGENT, new ProbeRecord("default", "agent", true, true, hourAgo, hourAgo.plusSeconds(1)));

        ProbedCircuit probed = trusts.of(AGENT);
        assertThat(probed.isTrusted()).isTrue();
        assertThat(probed.trust().tried()).isTrue();
        assertThat(probed.trust().countedFrom())
                .isEqualTo(time.ticks() - Duration.ofHours(1).toNanos());
        assertThat(trusts.record(probed).changedAt()).isEqualTo(hourAgo.plusSeconds(1));
        assertThat(announced).isEmpty();
    }

    @Test
    void a_trial_in_the_future_of_this_clock_is_one_of_now_and_none_is_none() {
        Instant later = time.wallTime().plusSeconds(60);
        trusts.take(AGENT, new ProbeRecord("default", "agent", true, false, later, later));
        assertThat(trusts.of(AGENT).trust().countedFrom()).isEqualTo(time.ticks());
        CircuitId other = CircuitId.of("other");
        trusts.take(other, new ProbeRecord("default", "other", true, false, null, later));
        assertThat(trusts.of(other).trust().countedFrom()).isEqualTo(RollingWindow.NEVER);
    }

    @Test
    void only_what_is_newer_than_what_is_known_is_taken_over_and_its_trials_are_not() {
        ProbedCircuit probed = trusts.of(AGENT);
        trusts.answered(probed, true, true);
        announced.clear();
        Instant known = time.wallTime();
        trusts.take(AGENT, new ProbeRecord("default", "agent", false, true, known, known));
        assertThat(probed.isTrusted()).as("its own").isTrue();

        trusts.take(AGENT, new ProbeRecord("default", "agent", false, true, known, known.plus(MILLI)));

        assertThat(probed.isTrusted()).isFalse();
        assertThat(probed.trust().tried()).isFalse();
        assertThat(probed.trust().countedFrom()).isEqualTo(RollingWindow.NEVER);
        assertThat(announced).containsExactly(new ProbeTrust(AGENT, false, ProbeTrust.Why.ADOPTED, time.wallTime()));
        trusts.take(
                AGENT,
                new ProbeRecord(
                        "default",
                        "agent",
                        false,
                        true,
                        known,
                        known.plus(MILLI).plus(MILLI)));
        assertThat(announced).as("no change").hasSize(1);
    }
}
