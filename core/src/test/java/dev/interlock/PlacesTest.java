package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TrialEnd;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where a trial gets its place: in this process, with the fleet, or in this process while the fleet cannot be asked. */
class PlacesTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final Move COOLED = Move.plain(CircuitState.HALF_OPEN, TransitionCause.COOLDOWN_OVER);
    private static final Move REAL_TRIAL = Move.plain(CircuitState.HALF_OPEN, TransitionCause.REAL_TRIAL);

    private final Lab lab =
            new Lab(Lab.settings().halfOpenMaxRequests(2).trialsAtOnce(2).build());
    private final Policy local = lab.circuit.policy();
    private final Asked others = new Asked();
    private final Fleet fleet = new Fleet(others, new FleetCircuits(id -> null), 1, lab.time::ticks);
    private final Policy shared = new Policy(
            "shared", local.config.toBuilder().scope(Scope.SHARED).build(), local.shape, local.engine, fleet);
    private final Epoch open;
    private final long now;

    PlacesTest() {
        lab.tripAndCool();
        open = lab.circuit.current();
        now = lab.time.ticks();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private HalfOpenEpoch trying(@Nullable Place first) {
        return new HalfOpenEpoch(open.origin, Objects.requireNonNull(open.trip()), false, first, null, now);
    }

    private Place place() {
        return new Place(now + local.trialTimeout);
    }

    @Test
    void a_circuit_of_this_process_alone_has_its_places_here() {
        Place first = Objects.requireNonNull(Places.first(AGENT, COOLED, local, now));
        assertThat(first.end).isEqualTo(now + local.trialTimeout);
        assertThat(first.given()).isNull();
        HalfOpenEpoch trying = trying(first);
        Place further = Objects.requireNonNull(Places.further(AGENT, trying, local, now));
        assertThat(trying.holds(further, now)).isTrue();
        assertThat(Places.further(AGENT, trying, local, now))
                .as("both are taken")
                .isNull();
        assertThat(Places.failedLast(AGENT, local)).isEqualTo(TrialEnd.NOBODY);
    }

    @Test
    void beside_failing_probes_there_is_one_trial_at_a_time() {
        assertThat(Places.rules(COOLED, local)).isSameAs(local.trials);
        assertThat(Places.rules(REAL_TRIAL, local)).isSameAs(local.realTrials);
        assertThat(local.trials.atOnce()).isEqualTo(2);
        assertThat(local.realTrials.atOnce()).isEqualTo(1);
    }

    @Test
    void where_a_fleet_shares_it_there_is_no_place_until_all_have_agreed() {
        assertThat(Places.first(AGENT, COOLED, shared, now)).isNull();
        HalfOpenEpoch trying = trying(null);
        assertThat(Places.further(AGENT, trying, shared, now)).isNull();
        assertThat(trying.trials().out()).isEmpty();
        assertThat(Places.failedLast(AGENT, shared)).isEqualTo(TrialEnd.NOBODY);
    }

    @Test
    void while_the_fleet_cannot_be_asked_this_process_has_places_of_its_own_as_many_as_there_may_be() {
        others.attached = false;
        Place first = Objects.requireNonNull(Places.first(AGENT, COOLED, shared, now));
        assertThat(first.end).isEqualTo(now + shared.trialTimeout);
        HalfOpenEpoch trying = trying(first);
        Place further = Objects.requireNonNull(Places.further(AGENT, trying, shared, now));
        assertThat(trying.holds(further, now)).isTrue();
        int asked = others.asked;
        assertThat(Places.further(AGENT, trying, shared, now)).isNull();
        assertThat(others.asked).as("both are taken: nobody need be asked").isEqualTo(asked);
    }

    @Test
    void a_place_that_comes_when_another_call_has_taken_the_last_one_is_no_place() {
        others.attached = false;
        HalfOpenEpoch trying = trying(place());
        Place faster = place();
        others.meanwhile = () -> trying.admit(shared, now, faster);
        assertThat(Places.further(AGENT, trying, shared, now)).isNull();
        assertThat(trying.holds(faster, now)).isTrue();
        assertThat(trying.trials().out()).hasSize(2);
    }

    /** Others of whom it is asked whether they can be asked. */
    private static final class Asked extends UnansweringStore {
        private int asked;
        private Runnable meanwhile = () -> {};

        @Override
        public boolean isAttached() {
            asked++;
            meanwhile.run();
            return super.isAttached();
        }
    }
}
