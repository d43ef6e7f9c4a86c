package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialEnd;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What tallies carry of callers and of waits. */
class CallersInTalliesTest {
    private static final TallyRules MINUTE = new TallyRules(0, 2, 2, 10, Duration.ofMinutes(1), 0);
    private static final TallyRules HALF_A_SECOND = new TallyRules(0, 2, 2, 10, Duration.ofMillis(500), 0);
    private static final long HIGH = 1L << 63;
    private static final long LOW = 1;

    private final Processes fleet = new Processes();

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void callers_of_all_processes_are_known_to_all() {
        tally("one", new CallerSlots(HIGH, HIGH, 0), MINUTE);

        assertThat(tally("other", new CallerSlots(LOW, 0, LOW), MINUTE).callers())
                .isEqualTo(new CallerSlots(HIGH | LOW, HIGH, LOW));
    }

    @Test
    void the_last_outcome_of_a_caller_counts_from_any_reporter() {
        tally("one", new CallerSlots(HIGH | LOW, HIGH | LOW, 0), MINUTE);
        TallyAnswer good = tally("other", new CallerSlots(HIGH, HIGH, HIGH), MINUTE);
        assertThat(good.callers()).isEqualTo(new CallerSlots(HIGH | LOW, LOW, 0));

        TallyAnswer refused = tally("other", new CallerSlots(LOW, 0, LOW), MINUTE);
        assertThat(refused.callers()).isEqualTo(new CallerSlots(HIGH | LOW, 0, LOW));

        assertThat(tally("one", new CallerSlots(LOW, 0, 0), MINUTE).callers())
                .as("who only asked has the outcome that it had")
                .isEqualTo(new CallerSlots(HIGH | LOW, 0, LOW));
    }

    @Test
    void a_caller_is_forgotten_after_the_window() {
        tally("one", new CallerSlots(HIGH, HIGH, 0), HALF_A_SECOND);
        fleet.pass(Duration.ofMillis(300));
        assertThat(tally("one", new CallerSlots(LOW, 0, LOW), HALF_A_SECOND).callers())
                .isEqualTo(new CallerSlots(HIGH | LOW, HIGH, LOW));

        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        tally("one", CallerSlots.NONE, HALF_A_SECOND).callers().isEmpty());
    }

    @Test
    void callers_outlive_epochs() {
        tally("one", new CallerSlots(HIGH, HIGH, 0), MINUTE);
        Instant now = Instant.now();
        fleet.open(now.minusSeconds(10), now.minusSeconds(5));
        TrialAnswer first = fleet.ask("1", Duration.ZERO);
        assertThat(first.failedCaller()).isEqualTo(TrialEnd.NOBODY);
        fleet.end(first, 63);

        assertThat(fleet.ask("2", Duration.ZERO).failedCaller()).isEqualTo(63);
    }

    @Test
    void the_longest_wait_of_a_streak_is_known_to_all_and_ends_with_it() {
        fleet.tally("one", 1, 1, CallerSlots.NONE, Duration.ofSeconds(90), MINUTE);
        TallyAnswer shorter = fleet.tally("other", 1, 1, CallerSlots.NONE, Duration.ofSeconds(30), MINUTE);
        assertThat(shorter.longestWait()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(90));

        assertThat(fleet.tally("other", 1, 0, CallerSlots.NONE, Duration.ZERO, MINUTE)
                        .longestWait())
                .isZero();
        assertThat(fleet.tally("one", 1, 1, CallerSlots.NONE, Duration.ZERO, MINUTE)
                        .longestWait())
                .isZero();
    }

    @Test
    void without_callers_nothing_is_kept_of_them() {
        tally("one", CallerSlots.NONE, MINUTE);

        assertThat(fleet.redis.<Long>run(
                        commands -> (long) commands.keys("*callers*").size()))
                .isZero();
    }

    private TallyAnswer tally(String process, CallerSlots callers, TallyRules rules) {
        return fleet.tally(process, 0, 0, callers, Duration.ZERO, rules);
    }
}
