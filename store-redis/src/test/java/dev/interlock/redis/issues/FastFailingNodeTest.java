package dev.interlock.redis.issues;

import static dev.interlock.redis.issues.Processes.LAST_TWENTY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A window of the last twenty calls was judged by the newest tallies that hold so many. A process whose calls fail at once
 * reports a breach at once, healthy ones report every 100 ms: the newest twenty calls were all the broken one's, and it
 * opened a model for the whole fleet.
 */
class FastFailingNodeTest {
    private final Processes fleet = new Processes();

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void twenty_failures_of_one_during_five_hundred_good_calls_of_another_open_nothing() {
        fleet.inTime(() -> {
            fleet.tally("healthy", 500, 0, LAST_TWENTY);

            TallyAnswer answer = fleet.tally("broken", 20, 20, LAST_TWENTY);

            assertThat(answer.judgement()).isEqualTo(Judgement.STAYS);
            assertThat(answer.calls()).isEqualTo(520);
            assertThat(answer.failures()).isEqualTo(20);
        });
    }

    @Test
    void nor_do_they_in_the_next_round_before_the_healthy_one_has_reported_again() {
        fleet.inTime(() -> {
            fleet.tally("healthy", 50, 0, LAST_TWENTY);
            fleet.tally("broken", 10, 10, LAST_TWENTY);
            fleet.pass(Duration.ofMillis(105));

            assertThat(fleet.tally("broken", 10, 10, LAST_TWENTY).judgement()).isEqualTo(Judgement.STAYS);
            assertThat(fleet.tally("broken", 10, 10, LAST_TWENTY).judgement()).isEqualTo(Judgement.STAYS);
        });
    }

    @Test
    void what_fails_for_more_than_half_of_all_calls_opens() {
        fleet.inTime(() -> {
            fleet.tally("healthy", 10, 0, LAST_TWENTY);

            TallyAnswer answer = fleet.tally("broken", 30, 30, LAST_TWENTY);

            assertThat(answer.judgement()).isEqualTo(Judgement.FAILURE_RATE);
            assertThat(answer.calls()).isEqualTo(40);
        });
    }

    @Test
    void an_outage_of_all_opens_once_each_has_reported_it() {
        fleet.inTime(() -> {
            fleet.tally("one", 500, 0, LAST_TWENTY);
            fleet.tally("other", 500, 0, LAST_TWENTY);
            fleet.pass(Duration.ofMillis(105));
            assertThat(fleet.tally("one", 50, 50, LAST_TWENTY).judgement()).isEqualTo(Judgement.STAYS);

            TallyAnswer answer = fleet.tally("other", 50, 50, LAST_TWENTY);

            assertThat(answer.judgement()).isEqualTo(Judgement.FAILURE_RATE);
            assertThat(answer.calls()).isEqualTo(100);
            assertThat(answer.failures()).isEqualTo(100);
        });
    }

    @Test
    void a_process_that_has_gone_silent_is_not_waited_for() {
        fleet.tally("healthy", 500, 0, LAST_TWENTY);
        fleet.pass(Duration.ofMillis(210));

        assertThat(fleet.tally("broken", 20, 20, LAST_TWENTY).judgement()).isEqualTo(Judgement.FAILURE_RATE);
    }

    @Test
    void slow_callers_are_judged_by_the_last_twenty_and_little_more() {
        for (int call = 0; call < 60; call++) {
            fleet.tally(call % 2 == 0 ? "one" : "other", 1, 0, LAST_TWENTY);
        }
        fleet.pass(Duration.ofMillis(210));
        TallyAnswer answer = fleet.tally("one", 1, 0, LAST_TWENTY);
        for (int call = 0; call < 30; call++) {
            fleet.pass(Duration.ofMillis(51)); // two of a process each 200 ms
            answer = fleet.tally(call % 2 == 0 ? "one" : "other", 1, call < 15 ? 0 : 1, LAST_TWENTY);
            if (answer.judgement() != Judgement.STAYS) {
                break;
            }
        }

        assertThat(answer.judgement()).isEqualTo(Judgement.FAILURE_RATE);
        assertThat(answer.calls()).isBetween(20, 25); // a portion is 100 ms, or a twelfth
        assertThat(answer.failures()).isBetween(10, 13);
    }

    @Test
    void what_is_kept_does_not_grow() {
        for (int tally = 0; tally < 400; tally++) {
            fleet.tally("process-" + tally, 3, 0, LAST_TWENTY);
        }
        fleet.pass(Duration.ofMillis(210));
        for (int tally = 0; tally < 30; tally++) {
            fleet.pass(Duration.ofMillis(20));
            fleet.tally("one", 3, 0, LAST_TWENTY);
        }

        assertThat(fleet.live()).hasSizeLessThan(20);
    }
}
