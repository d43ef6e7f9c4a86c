package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CallerSlots;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who has asked a circuit and how their last calls ended: how long that counts, and what follows from it. */
class CallersTest {
    private static final long SECOND = 1_000_000_000L;

    /** A minute's window: its fifth is a part. */
    private static final WindowShape MINUTE = new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false);

    private static final long PART = 12 * SECOND;

    private final Callers callers = new Callers(MINUTE, 0);

    /** Processes of different releases share tallies of slots. */
    @Test
    void a_name_has_one_of_64_slots_and_the_same_one_in_every_process_and_release() {
        assertThat(IntStream.range(0, 1_000)
                        .map(i -> Caller.slotOf("agent-" + i))
                        .distinct())
                .hasSize(64)
                .allMatch(slot -> slot >= 0 && slot < 64);
        assertThat(Stream.of("", "planner", "team-a", "model:kimi-k2", "agent-7")
                        .map(Caller::slotOf))
                .containsExactly(0, 54, 41, 59, 11);
    }

    @Test
    void one_who_asked_counts_for_the_window_and_at_most_a_fifth_longer() {
        callers.asked(1, SECOND);

        assertThat(callers.asked(61 * SECOND)).isEqualTo(slots(1));
        assertThat(callers.asked(6 * PART - SECOND)).isEqualTo(slots(1));
        assertThat(callers.asked(6 * PART + SECOND)).isZero();
    }

    @Test
    void that_holds_as_well_where_others_go_on_asking() {
        callers.asked(1, SECOND);
        for (int part = 1; part <= 5; part++) {
            callers.asked(2, part * PART + SECOND);
            assertThat(callers.asked(part * PART + SECOND)).isEqualTo(slots(1, 2));
        }

        callers.asked(3, 6 * PART + SECOND);

        assertThat(callers.asked(6 * PART + SECOND)).isEqualTo(slots(2, 3));
    }

    @Test
    void after_a_long_silence_nobody_counts_who_asked_before() {
        for (int part = 0; part < 6; part++) {
            callers.asked(part, part * PART + SECOND);
            callers.failed(part, part * PART + SECOND);
        }

        callers.asked(10, 100 * PART + SECOND);

        assertThat(callers.asked(100 * PART + SECOND)).isEqualTo(slots(10));
        assertThat(callers.failing(100 * PART + SECOND)).isZero();
    }

    @Test
    void a_clock_that_is_behind_notes_in_the_newest_part() {
        callers.asked(1, 3 * PART + SECOND);
        callers.asked(2, SECOND);

        assertThat(callers.asked(8 * PART + SECOND)).isEqualTo(slots(1, 2));
        assertThat(callers.asked(9 * PART + SECOND)).isZero();
    }

    @Test
    void a_caller_is_failing_while_its_last_outcome_is_a_failure_no_older_than_the_window() {
        callers.failed(1, SECOND);
        callers.failed(2, SECOND);
        callers.succeeded(2, 2 * SECOND, true);

        assertThat(callers.failing(5 * PART + SECOND)).isEqualTo(slots(1));
        assertThat(callers.failing(6 * PART + SECOND)).isZero();
        assertThat(callers.failing()).as("however long ago").isEqualTo(slots(1));
    }

    @Test
    void who_fails_in_a_later_part_has_failed_and_not_asked() {
        callers.failed(1, 4 * PART + SECOND);
        assertThat(callers.failing(9 * PART + SECOND)).isEqualTo(slots(1));
        assertThat(callers.failing(10 * PART + SECOND)).isZero();
        assertThat(callers.asked(4 * PART + SECOND)).isZero();
    }

    @Test
    void a_slow_call_fails_like_a_failure() {
        callers.slow(1, SECOND);
        assertThat(callers.failing(SECOND)).isEqualTo(slots(1));
    }

    @Test
    void a_mistake_of_ones_own_is_the_first_once_until_another_outcome() {
        assertThat(callers.answered(1)).isTrue();
        assertThat(callers.answered(1)).isFalse();
        assertThat(callers.answered(2)).as("another caller's").isTrue();
        assertThat(callers.answered()).isEqualTo(slots(1, 2));

        callers.succeeded(1, SECOND, true);
        assertThat(callers.answered(1)).isTrue();
        callers.failed(1, SECOND);
        assertThat(callers.answered()).isEqualTo(slots(2));
        assertThat(callers.answered(1)).isTrue();
        callers.forgetAnswered(1);
        assertThat(callers.answered()).isEqualTo(slots(2));
        assertThat(callers.answered(1)).isTrue();
    }

    @Test
    void who_has_made_a_mistake_of_its_own_is_not_failing() {
        callers.failed(1, SECOND);
        callers.answered(1);
        assertThat(callers.failing(SECOND)).isZero();
    }

    @Test
    void a_reset_forgets_how_calls_ended_but_not_who_asked() {
        callers.asked(1, SECOND);
        callers.failed(1, SECOND);
        callers.answered(2);

        callers.forgetOutcomes();

        assertThat(callers.failing(SECOND)).isZero();
        assertThat(callers.answered()).isZero();
        assertThat(callers.asked(SECOND)).isEqualTo(slots(1));
    }

    @Test
    void another_is_anyone_else_who_asked_within_the_window() {
        callers.asked(1, SECOND);
        assertThat(callers.hasAnother(1, SECOND)).isFalse();
        assertThat(callers.hasAnother(2, SECOND)).isTrue();
        callers.asked(2, SECOND);
        assertThat(callers.hasAnother(1, SECOND)).isTrue();
        assertThat(callers.hasAnother(1, 6 * PART + SECOND)).isFalse();
    }

    // Good calls.

    @Test
    void a_good_call_of_another_is_one_that_ended_after_the_moment() {
        callers.succeeded(1, 10 * SECOND, true);

        assertThat(callers.wasGoodForAnother(2, 9 * SECOND)).isTrue();
        assertThat(callers.wasGoodForAnother(2, 10 * SECOND)).isFalse();
        assertThat(callers.wasGoodForAnother(1, 9 * SECOND)).as("its own").isFalse();
    }

    @Test
    void before_the_first_good_call_there_was_none_however_far_back_one_looks() {
        assertThat(callers.wasGoodForAnother(1, Long.MIN_VALUE)).isFalse();
        callers.succeeded(1, SECOND, false);
        assertThat(callers.wasGoodForAnother(2, Long.MIN_VALUE)).as("slow").isFalse();
        callers.succeeded(1, SECOND, true);
        assertThat(callers.wasGoodForAnother(1, Long.MIN_VALUE)).isFalse();
    }

    @Test
    void the_last_good_call_of_another_is_known_in_addition_to_own_later_ones() {
        callers.succeeded(1, 10 * SECOND, true);
        callers.succeeded(2, 20 * SECOND, true);
        callers.succeeded(2, 30 * SECOND, true);

        assertThat(callers.wasGoodForAnother(2, 9 * SECOND)).isTrue();
        assertThat(callers.wasGoodForAnother(2, 10 * SECOND)).isFalse();
        assertThat(callers.wasGoodForAnother(1, 29 * SECOND)).isTrue();
        assertThat(callers.wasGoodForAnother(3, 29 * SECOND)).isTrue();
    }

    // Who opens a circuit.

    @Test
    void as_many_must_be_failing_as_the_policy_says() {
        assertThat(Callers.allow(2, slots(1, 2, 3), slots(1))).isFalse();
        assertThat(Callers.allow(2, slots(1, 2, 3), slots(1, 2))).isTrue();
    }

    @Test
    void where_fewer_have_asked_all_of_them_must_be_failing() {
        assertThat(Callers.allow(3, slots(1, 2), slots(1))).isFalse();
        assertThat(Callers.allow(3, slots(1, 2), slots(1, 2))).isTrue();
        assertThat(Callers.allow(2, slots(1), slots(1))).isTrue();
        assertThat(Callers.allow(2, slots(1), slots(2))).as("one of the two").isFalse();
    }

    @Test
    void of_many_a_quarter_must_be_failing_rounded_up() {
        assertThat(Callers.allow(2, 0xFFL, slots(0, 1))).as("2 of 8").isTrue();
        assertThat(Callers.allow(2, 0x1FFL, slots(0, 1))).as("2 of 9").isFalse();
        assertThat(Callers.allow(2, 0x1FFL, slots(0, 1, 2))).as("3 of 9").isTrue();
        assertThat(Callers.allow(2, -1L, 0xFFFFL)).as("16 of 64").isTrue();
        assertThat(Callers.allow(2, -1L, 0x7FFFL)).as("15 of 64").isFalse();
    }

    @Test
    void those_count_who_asked_and_failed_within_the_window() {
        callers.asked(1, SECOND);
        callers.asked(2, SECOND);
        callers.failed(1, SECOND);
        assertThat(callers.allow(2, SECOND)).isFalse();
        callers.failed(2, SECOND);
        assertThat(callers.allow(2, SECOND)).isTrue();
        callers.asked(3, 6 * PART + SECOND);
        assertThat(callers.allow(2, 6 * PART + SECOND))
                .as("their failures are too old")
                .isFalse();
    }

    @Test
    void a_circuit_that_goes_by_no_callers_remembers_none() {
        Lab lab = new Lab();
        lab.succeed().fail().trip();
        assertThat(lab.circuit.current().callers()).isNull();
        lab.refusal();
        assertThat(lab.circuit.current().callers()).isNull();
        lab.pass(lab.circuit.snapshot().retryAfter()).succeed();
        assertThat(lab.circuit.current().callers()).isNull();
        lab.succeed().fail();
        assertThat(lab.circuit.current().callers()).isNull();
    }

    // Those of other processes.

    @Test
    void who_asks_and_fails_in_other_processes_counts_as_long_as_a_caller_here() {
        FleetCallers shared = new FleetCallers(MINUTE, 0);
        shared.asked(1, SECOND);

        shared.hear(new CallerSlots(slots(2, 3), slots(3), 0), SECOND);

        assertThat(shared.asked(SECOND)).isEqualTo(slots(1, 2, 3));
        FleetCallers later = new FleetCallers(MINUTE, 0);
        later.hear(new CallerSlots(slots(2), 0, 0), 20 * PART + SECOND);
        assertThat(later.asked(25 * PART + SECOND)).isEqualTo(slots(2));
        assertThat(shared.failing(SECOND)).isEqualTo(slots(3));
        assertThat(shared.asked(5 * PART + SECOND)).isEqualTo(slots(1, 2, 3));
        assertThat(shared.asked(6 * PART + SECOND)).isZero();
        assertThat(shared.failing(6 * PART + SECOND)).isZero();
    }

    @Test
    void nobody_asks_elsewhere_before_the_first_answer() {
        FleetCallers shared = new FleetCallers(MINUTE, 0);
        assertThat(shared.asked(SECOND)).isZero();
        assertThat(shared.failing(SECOND)).isZero();
    }

    @Test
    void how_the_calls_of_those_end_who_ask_here_is_known_best_here() {
        FleetCallers shared = new FleetCallers(MINUTE, 0);
        shared.asked(1, SECOND);
        shared.hear(new CallerSlots(slots(1), slots(1), 0), SECOND);
        assertThat(shared.failing(SECOND)).isZero();
        shared.failed(1, SECOND);
        assertThat(shared.failing(SECOND)).isEqualTo(slots(1));
    }

    private static long slots(int... slots) {
        long bits = 0;
        for (int slot : slots) {
            bits |= 1L << slot;
        }
        return bits;
    }

    @Test
    void nobody_is_lost_who_asks_while_another_turns_to_a_new_window() throws Exception {
        List<Callers> all =
                Stream.generate(() -> new Callers(MINUTE, 0)).limit(20_000).toList();
        long later = 100 * PART;
        AtTheSameTime.run(2, all.size(), (thread, each) -> all.get(each).asked(thread + 1, later));
        assertThat(all).allMatch(each -> each.asked(later) == slots(1, 2));
    }
}
