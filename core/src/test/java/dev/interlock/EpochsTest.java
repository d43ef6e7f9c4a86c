package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How epochs of a circuit that processes share begin, compared with those of one that decides for itself. */
class EpochsTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final Duration COOLDOWN = Duration.ofSeconds(60);

    private final Lab lab = new Lab();
    private final Policy local = lab.circuit.policy();
    private final Fleet fleet = new Fleet(new Nobody(), new FleetCircuits(id -> null), 1, lab.time::ticks);
    private final Policy shared =
            new Policy("shared", Lab.settings().scope(Scope.SHARED).build(), local.shape, local.engine, fleet);

    /** Above all that this process would begin with. */
    private final long far = local.engine.above(0) + 1_000;

    EpochsTest() {
        lab.pass(Duration.ofHours(1));
    }

    private CircuitRecord record(String state, boolean held) {
        return record(state, held, far);
    }

    private CircuitRecord record(String state, boolean held, long epoch) {
        Instant opened = lab.time.wallTime().minusSeconds(20);
        return new CircuitRecord(
                "default",
                "agent",
                state,
                epoch,
                5,
                2,
                4,
                3,
                2,
                opened.minusSeconds(1),
                opened,
                opened,
                state.equals("open") && !held ? opened.plus(COOLDOWN) : null,
                held,
                null,
                held ? "ann" : null,
                null,
                "default",
                99);
    }

    private ClosedEpoch closed(Policy policy) {
        return Epochs.closed(AGENT, Origin.birth(far, lab.time.ticks()), policy, null);
    }

    private void fail(ClosedEpoch epoch, Policy policy) {
        Evidence failure = policy.judge(
                AGENT,
                Outcome.failure(FailureKind.ERROR),
                Settlements.UNTIMED,
                lab.time.ticks(),
                policy.engine.itself,
                null);
        assertThat(epoch.settle(policy, Place.NONE, failure)).isNull();
    }

    @Test
    void a_success_ends_the_waits_that_its_streak_has_asked_for_and_not_the_memory_of_its_last_failure() {
        RollingWindow[] window = new RollingWindow[1];
        ClosedEpoch epoch = new ClosedEpoch(Origin.birth(far, lab.time.ticks())) {
            @Override
            RollingWindow create(WindowShape shape) {
                window[0] = super.create(shape);
                return window[0];
            }
        };
        Outcome asking = Outcome.failure(FailureKind.ERROR).retryAfter(COOLDOWN);
        long failed = lab.time.ticks();
        Caller caller = local.engine.itself;
        Evidence evidence = local.judge(AGENT, asking, Settlements.UNTIMED, failed, caller, null);
        assertThat(epoch.settle(local, Place.NONE, evidence)).isNull();
        assertThat(window[0].lastFailure()).isEqualTo(new LastFailure(failed, failed + COOLDOWN.toNanos()));

        assertThat(epoch.succeed(local, caller, AGENT, Long.MAX_VALUE)).isTrue();

        assertThat(window[0].lastFailure()).isEqualTo(new LastFailure(failed, RollingWindow.NEVER));
    }

    // After a restart.

    @Test
    void what_is_open_or_held_goes_on_under_the_number_that_the_others_show() {
        assertThat(Epochs.resume(record("open", false), shared).origin.epoch).isEqualTo(far);
        assertThat(Epochs.resume(record("open", true), shared).origin.epoch).isEqualTo(far);
        assertThat(Epochs.resume(record("closed", true), shared).origin.epoch).isEqualTo(far);
    }

    @Test
    void what_was_being_tried_begins_again_above_it_and_so_does_all_of_a_local_circuit() {
        Epoch tried = Epochs.resume(record("half_open", false), shared);
        assertThat(tried.origin.epoch).isEqualTo(far + 1);
        assertThat(tried).isInstanceOf(OpenEpoch.class);
        assertThat(tried.refusal(shared, lab.time.ticks())).isZero();
        assertThat(Epochs.resume(record("open", false), local).origin.epoch).isEqualTo(far + 1);
        assertThat(Epochs.resume(record("closed", true), local).origin.epoch).isEqualTo(far + 1);
    }

    @Test
    void a_resumed_opening_is_as_old_as_its_record_says_and_waits_for_a_real_trial_from_now() {
        Trip trip = Objects.requireNonNull(
                Epochs.resume(record("open", false), local).trip());
        long now = lab.time.ticks();
        assertThat(trip.ticks()).isEqualTo(now - Duration.ofSeconds(20).toNanos());
        assertThat(trip.lastFailure()).isEqualTo(now - Duration.ofSeconds(21).toNanos());
        assertThat(trip.realTrial()).isEqualTo(now);
        assertThat(trip.failedTrials()).isEqualTo(2);
        assertThat(trip.waitEnd()).isEqualTo(RollingWindow.NEVER);
    }

    // From another process.

    @Test
    void trials_of_all_processes_go_on_here_as_half_open_without_a_cooldown_and_under_their_number() {
        Epoch open = Epochs.resume(record("open", false), shared);
        lab.pass(Duration.ofSeconds(5));

        Epoch adopted = Epochs.adopt(record("half_open", false, far + 7), open, shared);

        StateTransition began = Objects.requireNonNull(adopted.origin.transition);
        assertThat(adopted).isInstanceOf(HalfOpenEpoch.class);
        assertThat(adopted.origin.epoch).isEqualTo(far + 7);
        assertThat(began.from()).isEqualTo(CircuitState.OPEN);
        assertThat(began.to()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(began.cooldown()).isNull();
        assertThat(Objects.requireNonNull(adopted.trip()).realTrial())
                .as("they are real trials")
                .isEqualTo(lab.time.ticks());
        assertThat(((HalfOpenEpoch) adopted).look(shared, lab.time.ticks()).out())
                .isZero();
    }

    @Test
    void an_opening_elsewhere_leaves_the_time_of_the_last_real_trial() {
        Epoch open = Epochs.resume(record("open", false), shared);
        long realTrial = Objects.requireNonNull(open.trip()).realTrial();
        lab.pass(Duration.ofSeconds(5));
        Epoch again = Epochs.adopt(record("open", false), open, shared);
        assertThat(Objects.requireNonNull(again.trip()).realTrial()).isEqualTo(realTrial);
        assertThat(again.origin.epoch).isEqualTo(open.origin.epoch + 1);
        assertThat(again.refusal(shared, lab.time.ticks()))
                .isEqualTo(Duration.ofSeconds(40).toNanos());

        Epoch opened = Epochs.adopt(record("open", false), closed(shared), shared);
        assertThat(Objects.requireNonNull(opened.trip()).realTrial()).isEqualTo(lab.time.ticks());
    }

    // As a second object.

    @Test
    void a_closed_epoch_counts_with_all_processes_or_for_itself_as_the_policy_says() {
        assertThat(closed(shared)).isInstanceOf(SharedClosedEpoch.class);
        assertThat(closed(local)).isExactlyInstanceOf(ClosedEpoch.class);
        assertThat(closed(shared).fits(local)).isFalse();
        assertThat(closed(local).fits(shared)).isFalse();
        assertThat(closed(shared).fits(shared)).isTrue();
    }

    @Test
    void a_change_of_scope_keeps_the_streak_and_begins_a_clean_window() {
        for (Policy[] change : new Policy[][] {{local, shared}, {shared, local}}) {
            ClosedEpoch before = closed(change[0]);
            fail(before, change[0]);
            fail(before, change[0]);
            before.seal();

            ClosedEpoch after = Epochs.copy(AGENT, before, change[1]);

            assertThat(after.fits(change[1])).isTrue();
            assertThat(after.origin).isSameAs(before.origin);
            assertThat(after.figures(lab.time.ticks())).isEqualTo(new Figures(0, 0, 0, 0, 2));
        }
    }

    @Test
    void a_policy_that_counts_in_the_same_way_keeps_the_window_and_what_was_not_reported() {
        ClosedEpoch before = closed(shared);
        fail(before, shared);
        before.seal();
        SharedClosedEpoch after = (SharedClosedEpoch) Epochs.copy(AGENT, before, shared);
        assertThat(after.figures(lab.time.ticks())).isEqualTo(new Figures(1, 1, 0, 0, 1));
        assertThat(after.counts()).isSameAs(((SharedClosedEpoch) before).counts());
    }

    @Test
    void callers_are_known_for_this_process_or_for_all_of_them_whether_one_asks_or_has_failed() {
        CircuitBreakerConfig ofTwo = Lab.settings().minCallers(2).build();
        Policy alone = new Policy("alone", ofTwo, local.shape, local.engine, null);
        Policy together =
                new Policy("all", ofTwo.toBuilder().scope(Scope.SHARED).build(), local.shape, local.engine, fleet);
        for (Policy each : List.of(alone, together)) {
            Class<?> expected = each == alone ? Callers.class : FleetCallers.class;
            ClosedEpoch asked = closed(each);
            asked.asked(each, 1, lab.time.ticks());
            assertThat(asked.callers()).isExactlyInstanceOf(expected);
            ClosedEpoch failed = closed(each);
            fail(failed, each);
            assertThat(failed.callers()).isExactlyInstanceOf(expected);
        }
        ClosedEpoch ofNobody = closed(local);
        ofNobody.asked(local, 1, lab.time.ticks());
        assertThat(ofNobody.callers()).isNull();
    }

    @Test
    void a_closed_epoch_that_begins_again_counts_with_all_processes() {
        Epoch again = Epochs.again(AGENT, closed(shared), far + 5, null, shared);
        assertThat(again).isInstanceOf(SharedClosedEpoch.class);
        assertThat(again.origin.epoch).isEqualTo(far + 5);
    }
}
