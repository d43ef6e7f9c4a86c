package dev.interlock.redis.issues;

import static dev.interlock.redis.issues.Processes.LAST_TWENTY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAnswer.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Half of a fleet may be of the release before, and go back to it: what one of them counts, or tries, the other counts and
 * knows. The scripts of the release before are kept here as they were.
 */
class TallyOfTwoReleasesTest {
    private static final TallyRules MINUTE = new TallyRules(5, 0.5, 2, 10, Duration.ofMinutes(1), 0);

    private final Processes fleet = new Processes();

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void a_window_of_time_is_one_window() {
        fleet.tally("new", 6, 1, MINUTE);
        List<String> before = fleet.tallyBefore(6, 1, MINUTE);
        TallyAnswer after = fleet.tally("new", 2, 2, MINUTE);

        assertThat(before.subList(1, 3)).containsExactly("12", "2");
        assertThat(after.calls()).isEqualTo(14);
        assertThat(after.failures()).isEqualTo(4);
    }

    @Test
    void a_streak_is_one_streak() {
        fleet.tally("new", 2, 2, MINUTE);
        assertThat(fleet.tallyBefore(2, 2, MINUTE).get(0)).isEqualTo("stays");

        assertThat(fleet.tally("new", 1, 1, MINUTE).judgement()).isEqualTo(Judgement.FAILURE_STREAK);
        assertThat(fleet.tallyBefore(1, 1, MINUTE).get(0)).isEqualTo("streak");
    }

    @Test
    void a_window_of_calls_is_one_window() {
        fleet.tallyBefore(8, 0, LAST_TWENTY);
        fleet.tally("new", 6, 3, LAST_TWENTY);
        List<String> before = fleet.tallyBefore(4, 1, LAST_TWENTY);
        TallyAnswer after = fleet.tally("new", 2, 1, LAST_TWENTY);

        assertThat(before.subList(1, 3)).containsExactly("18", "4");
        assertThat(after.calls()).isEqualTo(20);
        assertThat(after.failures()).isEqualTo(5);
        fleet.tallyBefore(20, 20, LAST_TWENTY);
        assertThat(fleet.tallyBefore(1, 1, LAST_TWENTY).get(0))
                .as("back to the release before")
                .isEqualTo("rate");
    }

    @Test
    void what_the_release_before_does_not_know_it_leaves_alone() {
        CallerSlots callers = new CallerSlots(0x8000_0000_0000_0001L, 1, 0);
        fleet.tally("new", 4, 2, callers, Duration.ofSeconds(40), MINUTE);
        fleet.tallyBefore(1, 1, MINUTE);
        TallyAnswer after = fleet.tally("new", 1, 1, MINUTE);

        assertThat(after.callers()).isEqualTo(callers);
        assertThat(after.longestWait()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(40));
    }

    @Test
    void a_place_is_one_place() {
        Instant now = Instant.now();
        fleet.open(now.minusSeconds(10), now.minusSeconds(5));
        TrialAnswer given = fleet.ask("new", Duration.ZERO);
        assertThat(given.place()).isEqualTo(Place.GIVEN);
        assertThat(fleet.askBefore("old").get(0)).isEqualTo("full");
        fleet.end(given, 3);

        List<String> before = fleet.askBefore("old");
        assertThat(before.get(0)).isEqualTo("given");
        assertThat(fleet.ask("new-2", Duration.ZERO).place()).isEqualTo(Place.FULL);
        assertThat(fleet.endBefore(before.get(1), "old", true)).isEqualTo(1);
        assertThat(fleet.ask("new-3", Duration.ZERO).place()).isEqualTo(Place.ENOUGH);
        assertThat(Objects.requireNonNull(given.given()).round()).isEqualTo(before.get(1));
    }
}
