package dev.interlock.monitor;

import static dev.interlock.monitor.Watch.AGENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What calls came to, a minute and an hour. */
class CallSeriesTest {
    private final Watch watch = new Watch();
    private final Guard guard = watch.circuits.guard(AGENT);
    private final CallSeries series = watch.monitor.series();

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void a_call_counts_in_its_minute_and_in_its_hour() {
        long first = minute();
        succeed(3, Duration.ofMillis(100));
        fail();
        watch.pass(60);
        succeed(2, Duration.ofSeconds(4));
        watch.pass(1);

        Map<Long, String> minutes = points(SeriesRow.MINUTES, series.of(AGENT));
        assertThat(minutes)
                .isEqualTo(Map.of(
                        first,
                        "4 calls, 1 failed, 0 refused, 104 ms",
                        first + 1,
                        "2 calls, 0 failed, 0 refused, 4000 ms"));
        assertThat(points(SeriesRow.HOUR, series.of(AGENT)).values().stream()
                        .mapToInt(text -> Integer.parseInt(text.substring(0, 1)))
                        .sum())
                .isEqualTo(6);
    }

    @Test
    void rows_are_taken_once_their_time_is_over_and_again_only_with_more_in_them() {
        succeed(1, Duration.ofMillis(100));
        watch.pass(1);
        long start = minute();
        assertThat(series.take(now(), false)).isEmpty();
        watch.pass(5 * 60);

        List<SeriesRow> rows = series.take(now(), false);
        assertThat(rows).extracting(SeriesRow::length).containsExactlyInAnyOrder(SeriesRow.MINUTES, SeriesRow.HOUR);
        assertThat(rows).allSatisfy(row -> assertThat(row.start()).isLessThanOrEqualTo(start));
        assertThat(series.take(now(), false)).isEmpty();
        assertThat(series.take(now(), true)).as("nothing has come since").isEmpty();

        watch.monitor.observe(guard, Outcome.success(), Duration.ofMinutes(5), true);
        assertThat(points(SeriesRow.MINUTES, series.take(now(), false)))
                .as("the whole row once more")
                .isEqualTo(Map.of(start, "2 calls, 0 failed, 0 refused, 104 ms"));
    }

    @Test
    void what_ended_longer_ago_than_ten_minutes_comes_too_late() {
        watch.monitor.observe(guard, Outcome.success(), Duration.ofMinutes(12), true);
        watch.monitor.observe(guard, Outcome.success(), Duration.ofMinutes(9), true);
        assertThat(points(SeriesRow.MINUTES, series.of(AGENT))).hasSize(1).containsKey(minute() - 9);
    }

    @Test
    void what_has_been_taken_and_is_over_is_forgotten() {
        succeed(1, Duration.ofMillis(100));
        watch.pass(1);
        watch.pass(90 * 60);
        assertThat(series.take(now(), false)).hasSize(2);
        series.take(now(), false);
        assertThat(series.of(AGENT)).isEmpty();
    }

    @Test
    void without_a_store_only_the_last_hours_are_remembered() {
        for (int i = 0; i < 200; i++) {
            succeed(1, Duration.ofMillis(100));
            watch.pass(5 * 60);
        }
        assertThat(series.of(AGENT)).hasSizeLessThan(50);
    }

    @Test
    void a_refusal_counts_where_it_was_refused_and_for_the_agent_that_is_known() {
        CircuitId model = CircuitId.of("model:m");
        CircuitId stranger = CircuitId.of("stranger");
        succeed(1, Duration.ofMillis(100));
        series.refused(AGENT, model, now());
        series.refused(AGENT, AGENT, now());
        series.refused(stranger, model, now());

        assertThat(points(SeriesRow.MINUTES, series.of(AGENT)).values())
                .containsExactly("1 calls, 0 failed, 2 refused, 104 ms");
        assertThat(points(SeriesRow.MINUTES, series.of(model)).values())
                .containsExactly("0 calls, 0 failed, 2 refused, null ms");
        assertThat(series.of(stranger)).isEmpty();
        series.take(now(), true);
        watch.pass(3 * 60 * 60);
        series.take(now(), true);
        assertThat(series.of(model)).isEmpty();
    }

    @Test
    void figures_of_several_add_up_and_their_p95_is_that_of_all() {
        CallFigures fast = figures(94, 10);
        CallFigures slow = figures(6, 5_000);
        slow.refuse(1);
        fast.add(slow);
        assertThat(text(fast)).isEqualTo("100 calls, 0 failed, 1 refused, 5000 ms");
        CallFigures more = figures(30, 10);
        more.add(fast);
        assertThat(text(more)).isEqualTo("130 calls, 0 failed, 1 refused, 10 ms");
    }

    @Test
    void figures_are_read_as_they_were_written_and_what_is_damaged_is_a_gap() {
        CallFigures figures = figures(100_000, 42);
        figures.add(true, Latencies.BUCKETS - 1, 7);
        SeriesRow row =
                SeriesRow.of(AGENT, SeriesRow.MINUTES, 30, new CallFigures[] {null, figures, null, null, figures});
        assertThat(points(SeriesRow.MINUTES, List.of(row))).isEqualTo(Map.of(31L, text(figures), 34L, text(figures)));

        byte[] bytes = row.figures();
        for (int length = 0; length < bytes.length; length++) {
            SeriesRow cut = new SeriesRow(AGENT, SeriesRow.MINUTES, 30, Arrays.copyOf(bytes, length));
            assertThat(points(SeriesRow.MINUTES, List.of(cut))).hasSizeLessThanOrEqualTo(1);
        }
        byte[] nonsense = new byte[50];
        Arrays.fill(nonsense, (byte) 0xff);
        assertThat(points(SeriesRow.MINUTES, List.of(new SeriesRow(AGENT, SeriesRow.MINUTES, 30, nonsense))))
                .isEmpty();
    }

    private static CallFigures figures(int count, long millis) {
        CallFigures figures = new CallFigures();
        figures.add(false, GoodCalls.bucket(Duration.ofMillis(millis).toNanos()), count);
        return figures;
    }

    private void succeed(int calls, Duration took) {
        for (int i = 0; i < calls; i++) {
            guard.record(Outcome.success().took(took), took);
        }
    }

    private void fail() {
        guard.record(Outcome.failure(FailureKind.TIMEOUT), Duration.ZERO);
    }

    private Instant now() {
        return watch.time.wallTime();
    }

    private long minute() {
        return now().getEpochSecond() / 60;
    }

    private static Map<Long, String> points(int length, List<SeriesRow> rows) {
        Map<Long, String> points = new TreeMap<>();
        rows.stream()
                .filter(row -> row.length() == length)
                .forEach(row -> row.read((start, figures) -> points.put(start, text(figures))));
        return points;
    }

    private static String text(CallFigures figures) {
        Duration p95 = figures.p95();
        return figures.calls() + " calls, " + figures.failures() + " failed, " + figures.refusals() + " refused, "
                + (p95 == null ? null : p95.toMillis()) + " ms";
    }
}
