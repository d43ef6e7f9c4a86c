package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 8: a clean start, and figures while not closed. */
class Rule08CleanStartTest {
    @Test
    void closing_starts_a_clean_window_and_streak() {
        Lab lab = new Lab();
        lab.succeed(3).fail(4).tripAndRecover();

        assertThat(lab).isClosed().hasCounted(0, 0).hasStreak(0);
        lab.fail(4);
        assertThat(lab).isClosed();
    }

    @Test
    void closing_resets_the_growth_of_the_cooldown() {
        Lab lab = new Lab(
                CircuitBreakerConfig.recommended().toBuilder().cooldownJitter(0).build());
        lab.tripAndCool().fail();
        assertThat(lab).refusesFor(seconds(120));
        lab.pass(seconds(120)).succeed(2);

        lab.trip();

        assertThat(lab).refusesFor(COOLDOWN);
    }

    @Test
    void each_failed_trial_multiplies_the_cooldown_up_to_its_cap() {
        Lab lab = new Lab(
                CircuitBreakerConfig.recommended().toBuilder().cooldownJitter(0).build());
        lab.trip();

        List<Long> cooldowns = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Duration cooldown = lab.circuit.snapshot().retryAfter();
            cooldowns.add(cooldown.toSeconds());
            lab.pass(cooldown).fail();
        }

        assertThat(cooldowns).containsExactly(60L, 120L, 240L, 240L, 240L);
        assertThat(lab.circuit.snapshot().failedTrials()).isEqualTo(5);
    }

    @Test
    void jitter_adds_a_random_share_beyond_the_cap_too() {
        Lab lab = new Lab(CircuitBreakerConfig.recommended());
        lab.chance = 0.5;
        lab.trip();
        assertThat(lab).refusesFor(seconds(63));

        lab.chance = 0;
        lab.pass(seconds(63)).fail();
        assertThat(lab).refusesFor(seconds(120));

        lab.chance = 0.5;
        lab.pass(seconds(120)).fail();
        assertThat(lab).refusesFor(seconds(252));
    }

    @Test
    void while_not_closed_the_figures_are_those_at_the_trip() {
        Lab lab = new Lab();
        lab.succeed(3).fail(5);
        assertThat(lab).isOpen().hasCounted(8, 5).hasStreak(5);

        lab.pass(COOLDOWN).succeed();
        assertThat(lab).isHalfOpen().hasCounted(8, 5);

        lab.fail();
        assertThat(lab).isOpen().hasCounted(8, 5).hasStreak(5);
    }
}
