package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Unreported.Report;
import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyRules;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a shared circuit has counted and not reported: what is taken, put back and known of callers; how reports end. */
class UnreportedTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final WindowShape MINUTE = new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false);

    private long now = 7 * SECOND;

    /** On a thread that is not started: nothing is reported but by the test. */
    private final Tallies tallies = tallies();

    private final Unreported counts = new Unreported(CircuitId.of("agent"), tallies);
    private final FleetCallers callers = new FleetCallers(MINUTE, 0);

    @Test
    void what_is_counted_is_taken_once() {
        assertThat(counts.isEmpty()).isTrue();
        counts.count(true);
        counts.count(false);
        counts.count(true);
        assertThat(counts.isEmpty()).isFalse();

        long taken = counts.takeCalls();

        assertThat(RollingWindow.Sum.calls(taken)).isEqualTo(3);
        assertThat(RollingWindow.Sum.bad(taken)).isEqualTo(2);
        assertThat(counts.takeCalls()).isZero();
        assertThat(counts.isEmpty()).isTrue();
    }

    @Test
    void timed_calls_are_counted_apart() {
        counts.countTimed(true);
        counts.countTimed(false);
        counts.countTimed(false);
        assertThat(counts.isEmpty()).isFalse();
        assertThat(counts.takeCalls()).isZero();

        long taken = counts.takeTimed();

        assertThat(RollingWindow.Sum.calls(taken)).isEqualTo(3);
        assertThat(RollingWindow.Sum.bad(taken)).isEqualTo(1);
        assertThat(counts.isEmpty()).isTrue();
    }

    @Test
    void whatever_is_counted_is_noted_for_the_next_round() {
        counts.count(false);
        assertThat(tallies.isIdle()).isFalse();
        Tallies others = tallies();
        new Unreported(CircuitId.of("agent"), others).countTimed(false);
        assertThat(others.isIdle()).isFalse();
    }

    @Test
    void it_is_noted_once_until_it_is_taken() {
        counts.note();
        tallies.end();
        counts.note();
        assertThat(tallies.isIdle()).isTrue();
        counts.isTaken();
        counts.note();
        assertThat(tallies.isIdle()).isFalse();
    }

    // Callers.

    @Test
    void who_asked_is_reported_once() {
        callers.asked(1, SECOND);
        callers.asked(2, SECOND);
        callers.asked(1, SECOND);
        assertThat(counts.takeCallers(callers)).isEqualTo(new CallerSlots(0b110, 0, 0));
        assertThat(counts.takeCallers(callers)).isEqualTo(CallerSlots.NONE);
    }

    @Test
    void how_the_last_calls_ended_is_reported_of_those_whose_calls_ended_since() {
        callers.failed(1, SECOND);
        callers.answered(2);
        callers.succeeded(3, SECOND, true);

        // One that is both failing and answered had a success last.
        assertThat(counts.takeCallers(callers)).isEqualTo(new CallerSlots(0, 0b1010, 0b1100));
        assertThat(counts.takeCallers(callers)).isEqualTo(CallerSlots.NONE);
    }

    @Test
    void where_nobody_knows_callers_none_are_reported() {
        assertThat(counts.takeCallers(null)).isEqualTo(CallerSlots.NONE);
        assertThat(counts.takeCallers(new Callers(MINUTE, 0))).isEqualTo(CallerSlots.NONE);
    }

    @Test
    void what_was_not_counted_elsewhere_is_counted_here_again() {
        callers.failed(1, SECOND);
        callers.answered(2);
        counts.takeCallers(callers);
        counts.putBack(tally(new CallerSlots(0b1, 0b10, 0b100)));

        assertThat(tallies.isIdle()).isFalse();
        assertThat(counts.takeCalls()).isEqualTo(RollingWindow.Sum.of(7, 3));
        assertThat(counts.takeTimed()).isEqualTo(RollingWindow.Sum.of(5, 2));
        assertThat(counts.takeCallers(callers)).isEqualTo(new CallerSlots(0b1, 0b10, 0b100));
    }

    @Test
    void what_is_counted_here_again_is_noted_where_nobody_knows_callers_too() {
        counts.putBack(7, 3, 0, 0);
        assertThat(tallies.isIdle()).isFalse();
        assertThat(counts.takeCalls()).isEqualTo(RollingWindow.Sum.of(7, 3));
    }

    @Test
    void what_an_earlier_epoch_left_of_callers_is_noted_for_the_next_round() {
        callers.asked(1, SECOND);
        counts.report(callers);

        assertThat(tallies.isIdle()).isFalse();
        assertThat(counts.isEmpty()).isFalse();
        assertThat(counts.takeCallers(callers).asked()).isEqualTo(0b10);
        assertThat(counts.isEmpty()).isTrue();
    }

    @Test
    void what_is_dropped_is_forgotten() {
        counts.count(true);
        counts.countTimed(true);
        counts.drop();
        assertThat(counts.isEmpty()).isTrue();
    }

    // Reports.

    @Test
    void one_report_is_under_way_at_a_time() {
        Report first = Objects.requireNonNull(counts.begin(now));
        assertThat(first.urgent()).isFalse();
        assertThat(counts.begin(now + 5 * SECOND - 1)).isNull();
        assertThat(counts.isAlone()).isFalse();
        counts.ended(first, true, 0);
        assertThat(counts.begin(now)).isNotNull();
    }

    @Test
    void a_report_without_an_answer_is_lost_after_5_s_and_this_process_judges_by_itself() {
        Report lost = Objects.requireNonNull(counts.begin(now));

        Report next = Objects.requireNonNull(counts.begin(now + 5 * SECOND));

        assertThat(counts.isAlone()).isTrue();
        counts.ended(lost, true, 0);
        assertThat(counts.isAlone()).as("its answer comes too late").isTrue();
        counts.ended(next, true, 0);
        assertThat(counts.isAlone()).isFalse();
    }

    @Test
    void after_a_report_that_failed_this_process_judges_by_itself_until_one_is_answered() {
        counts.ended(begin(), false, 0);
        assertThat(counts.isAlone()).isTrue();
        counts.ended(begin(), true, 0);
        assertThat(counts.isAlone()).isFalse();
    }

    @Test
    void a_breach_is_reported_at_once_and_only_once() {
        assertThat(counts.hurry()).isTrue();
        assertThat(tallies.isIdle()).isFalse();
        tallies.end();

        assertThat(counts.hurry()).isTrue();

        assertThat(tallies.isIdle()).isTrue();
        assertThat(begin().urgent()).isTrue();
    }

    @Test
    void after_its_answer_a_breach_is_reported_again_when_the_answer_does_not_hold_any_more() {
        counts.hurry();
        tallies.end();
        counts.ended(begin(), true, 0);
        isAskedNowhereUntil(now + 100 * MILLI);
        tallies.end();
        counts.ended(begin(), true, TimeUnit.HOURS.toNanos(1));
        isAskedNowhereUntil(now + TimeUnit.HOURS.toNanos(1));
    }

    @Test
    void a_breach_that_nobody_comes_to_in_2_s_is_left_to_this_process() {
        counts.hurry();
        now += 2 * SECOND - 1;
        assertThat(counts.hurry()).isTrue();
        now += 1;
        assertThat(counts.hurry()).isFalse();
        counts.ended(begin(), true, 0);
        now += 100 * MILLI;
        assertThat(counts.hurry()).as("of the next one").isTrue();
    }

    @Test
    void a_breach_that_came_while_a_report_was_under_way_is_reported_after_it() {
        Report before = begin();
        counts.hurry();
        tallies.end();

        counts.ended(before, true, 0);

        assertThat(tallies.isIdle()).isFalse();
        assertThat(begin().urgent()).isTrue();
    }

    @Test
    void a_report_without_a_breach_brings_no_urgent_one() {
        counts.ended(begin(), true, 0);
        assertThat(tallies.isIdle()).isTrue();
    }

    @Test
    void a_report_whose_beginning_is_not_stored_is_made_with_the_next_round() {
        counts.hurry();
        tallies.end();
        Report urgent = begin();

        counts.postpone(urgent);

        assertThat(tallies.isIdle()).isFalse();
        assertThat(begin().urgent()).isFalse();
        tallies.end();
        isAskedNowhereUntil(now + 100 * MILLI);
    }

    private void isAskedNowhereUntil(long end) {
        now = end - 1;
        assertThat(counts.hurry()).isTrue();
        assertThat(tallies.isIdle()).isTrue();
        now = end;
        assertThat(counts.hurry()).isTrue();
        assertThat(tallies.isIdle()).isFalse();
    }

    private Report begin() {
        return Objects.requireNonNull(counts.begin(now));
    }

    private static CircuitTally tally(CallerSlots slots) {
        return new CircuitTally(
                "default",
                "agent",
                1,
                "process",
                7,
                3,
                5,
                2,
                0,
                slots,
                Duration.ZERO,
                new TallyRules(0, 0, 0, 0, null, 0));
    }

    private Tallies tallies() {
        FleetCircuits none = new FleetCircuits(id -> null);
        return new Tallies(new Nobody(), none, "process", new FleetThread(new NoWork()), () -> true, () -> now);
    }

    @Test
    void of_several_breaches_at_once_none_takes_the_question_for_an_old_one() throws Exception {
        List<Unreported> all = Stream.generate(() -> new Unreported(CircuitId.of("agent"), tallies))
                .limit(20_000)
                .toList();
        now += 10 * SECOND;
        long patient = AtTheSameTime.sum(2, all.size(), each -> all.get(each).hurry() ? 1 : 0);
        assertThat(patient).isEqualTo(2L * all.size());
    }
}
