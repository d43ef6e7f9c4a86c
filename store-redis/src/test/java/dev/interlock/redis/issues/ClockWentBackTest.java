package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAnswer.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * After a failover to a replica whose clock is behind, all times that Redis keeps lie ahead. A success that was counted
 * then made every streak wait until the clock had caught up; so did cooldowns and the places of processes that had died.
 */
class ClockWentBackTest {
    private static final long HOUR = Duration.ofHours(1).toNanos() / 1_000;
    private static final TallyRules FIVE_IN_A_ROW = new TallyRules(5, 2, 2, 10, Duration.ofMinutes(1), 0);
    private static final TallyRules HALF_OF_A_MINUTE = new TallyRules(0, 0.5, 2, 10, Duration.ofMinutes(1), 0);

    private final Processes fleet = new Processes();

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void a_streak_opens_though_the_last_success_lies_ahead() {
        fleet.tally("one", 1, 0, FIVE_IN_A_ROW);
        fleet.set("good", Long.toString(fleet.now() + HOUR));

        TallyAnswer answer = fleet.tally("one", 5, 5, FIVE_IN_A_ROW);

        assertThat(answer.judgement()).isEqualTo(Judgement.FAILURE_STREAK);
        assertThat(answer.consecutiveFailures()).isEqualTo(5);
    }

    @Test
    void the_success_after_it_makes_a_streak_wait_again() {
        fleet.tally("one", 1, 0, FIVE_IN_A_ROW);
        fleet.set("good", Long.toString(fleet.now() + HOUR));
        fleet.tally("other", 1, 0, FIVE_IN_A_ROW);

        TallyAnswer answer = fleet.tally("one", 5, 5, FIVE_IN_A_ROW);

        assertThat(answer.judgement()).isEqualTo(Judgement.LATER);
        assertThat(answer.again()).isBetween(Duration.ofNanos(1), Duration.ofMillis(200));
    }

    @Test
    void what_was_counted_before_it_counts_once_and_ages() {
        fleet.tally("one", 100, 0, HALF_OF_A_MINUTE);
        String bucket = fleet.live().keySet().stream()
                .filter(field -> field.startsWith("b"))
                .findFirst()
                .orElseThrow();
        // As if it had been counted an hour ahead.
        long ahead = Long.parseLong(bucket.substring(1)) + 3_600 * 1_000_000L / 5_478_545;
        fleet.set("b" + ahead, fleet.live().get(bucket));

        TallyAnswer answer = fleet.tally("one", 10, 10, HALF_OF_A_MINUTE);

        assertThat(answer.calls()).isEqualTo(210);
        assertThat(fleet.live()).doesNotContainKey("b" + ahead);
    }

    @Test
    void a_cooldown_ends_when_it_has_ended_for_who_asks() {
        Instant ahead = Instant.now().plusSeconds(3_600);
        fleet.open(ahead, ahead.plusSeconds(60));

        assertThat(fleet.ask("1", Duration.ofSeconds(40)).place()).isEqualTo(Place.COOLING);
        assertThat(fleet.ask("1", Duration.ofSeconds(40)).left()).isEqualTo(Duration.ofSeconds(40));
        assertThat(fleet.ask("1", Duration.ZERO).place()).isEqualTo(Place.GIVEN);
    }

    @Test
    void without_a_step_the_common_clock_decides_and_not_who_asks() {
        Instant now = Instant.now();
        fleet.open(now.minusSeconds(10), now.plusSeconds(50));

        assertThat(fleet.ask("1", Duration.ZERO).place()).isEqualTo(Place.COOLING);
    }

    @Test
    void the_place_of_a_process_that_died_is_free_in_five_seconds() {
        Instant now = Instant.now();
        fleet.open(now.minusSeconds(10), now.minusSeconds(5));
        TrialAnswer given = fleet.ask("1", Duration.ZERO);
        assertThat(given.place()).isEqualTo(Place.GIVEN);
        fleet.set("t:1", Long.toString(fleet.now() + HOUR));

        assertThat(fleet.ask("2", Duration.ZERO).place()).isEqualTo(Place.FULL);

        Map<String, String> live = fleet.live();
        assertThat(Long.parseLong(live.get("t:1")) - fleet.now()).isLessThanOrEqualTo(5_000_000);
    }
}
