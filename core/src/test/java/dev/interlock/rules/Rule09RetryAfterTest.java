package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static dev.interlock.rules.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.Permit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 9: retry-After. */
class Rule09RetryAfterTest {
    private final Lab lab = new Lab();

    private void rateLimited(Duration retryAfter) {
        lab.end(failure(FailureKind.RATE_LIMITED).retryAfter(retryAfter));
    }

    @Test
    void for_a_rate_limit_it_is_the_cooldown_when_shorter() {
        rateLimited(seconds(10));
        assertThat(lab).isOpen().refusesFor(seconds(10));
    }

    @Test
    void for_a_rate_limit_it_is_the_cooldown_when_longer() {
        rateLimited(seconds(600));
        assertThat(lab).isOpen().refusesFor(seconds(600));
    }

    @Test
    void up_to_a_fifth_is_added_for_a_rate_limit() {
        lab.chance = 0.5;
        rateLimited(seconds(100));
        assertThat(lab).refusesFor(seconds(110));
    }

    @Test
    void it_is_capped_with_all_that_is_added() {
        lab.chance = 0.999;
        rateLimited(Duration.ofMinutes(59));
        assertThat(lab).refusesFor(Duration.ofHours(1));
    }

    @Test
    void a_rate_limit_without_it_counts_and_does_not_trip() {
        lab.fail(FailureKind.RATE_LIMITED);
        assertThat(lab).isClosed().hasStreak(1);
    }

    @Test
    void a_rate_limit_that_says_zero_may_be_tried_at_once() {
        rateLimited(Duration.ZERO);
        assertThat(lab).isOpen().refusesFor(Duration.ZERO);
        lab.begin();
        assertThat(lab).isHalfOpen();
    }

    @Test
    void for_another_kind_it_sets_the_cooldown_when_longer() {
        lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(seconds(90)));
        assertThat(lab).refusesFor(seconds(90));
    }

    @Test
    void for_another_kind_it_changes_nothing_when_shorter() {
        lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(seconds(5)));
        assertThat(lab).refusesFor(COOLDOWN);
    }

    @Test
    void for_another_kind_it_is_capped_too() {
        lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(Duration.ofDays(400)));
        assertThat(lab).refusesFor(Duration.ofHours(1));
    }

    @Test
    void one_of_the_failure_that_reopens_counts_too() {
        lab.tripAndCool();
        rateLimited(seconds(7));
        assertThat(lab).isOpen().refusesFor(seconds(7)).hasOpened(2);
    }

    @Test
    void one_of_a_failure_that_does_not_trip_changes_nothing() {
        lab.end(failure(FailureKind.OVERLOADED).retryAfter(seconds(600)), 4).fail();
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void one_of_a_late_failure_changes_nothing() {
        Permit late = lab.begin();
        lab.trip();
        late.settle(failure(FailureKind.RATE_LIMITED).retryAfter(seconds(600)));
        assertThat(lab).refusesFor(COOLDOWN);
    }
}
