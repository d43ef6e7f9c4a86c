package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What follows a transition is done once, and again if it was cut short. */
class OriginTest {
    private final Origin origin = moved();

    @Test
    void one_claims_what_follows_and_no_other_does() {
        assertThat(origin.isFollowed()).isFalse();
        assertThat(origin.claim()).isTrue();
        assertThat(origin.claim()).isFalse();
        assertThat(origin.isFollowed()).isFalse();

        origin.followed(true);

        assertThat(origin.isFollowed()).isTrue();
        assertThat(origin.claim()).isFalse();
    }

    @Test
    void what_was_cut_short_is_claimed_again() {
        assertThat(origin.claim()).isTrue();
        origin.followed(false);
        assertThat(origin.isFollowed()).isFalse();
        assertThat(origin.claim()).isTrue();
    }

    @Test
    void it_is_over_when_all_was_done_and_listeners_were_offered_it() {
        assertThat(origin.isOver()).isFalse();
        origin.claim();
        origin.followed(true);
        assertThat(origin.isOver()).as("not reported yet").isFalse();
        origin.unreported = null;
        assertThat(origin.isOver()).isTrue();
    }

    @Test
    void of_what_an_earlier_life_reported_nothing_follows() {
        Origin resumed = Origin.resumed(Objects.requireNonNull(origin.transition), 0, 1);
        assertThat(resumed.isOver()).isTrue();
        assertThat(resumed.claim()).isFalse();
        assertThat(Origin.birth(1, 0).isOver()).isTrue();
    }

    /** The origin of an epoch that nobody has followed yet. */
    private static Origin moved() {
        Lab lab = new Lab();
        lab.trip();
        Origin present = lab.circuit.origin();
        return Origin.birth(1, 0).next(0, Objects.requireNonNull(present.transition));
    }
}
