package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.monitor.CallFigures;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.SeriesRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls came to, in a database. */
abstract class SeriesContract {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration LONG = Duration.ofSeconds(10);

    private final ManualTimeSource time = new ManualTimeSource();
    private final Instant start = time.wallTime();
    private Database database;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
    }

    @AfterEach
    void stop() {
        database.close();
    }

    /** A process that counts. */
    private final class Counting implements AutoCloseable {
        private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .build();
        private final HealthMonitor health =
                HealthMonitor.start(circuits, HealthSettings.defaults(), time, Runnable::run);
        private final SeriesHistory history;

        Counting(long process) {
            history = database.openSeriesHistory(process);
        }

        Counting call(CircuitId agent, int times) {
            Guard guard = circuits.guard(agent);
            for (int i = 0; i < times; i++) {
                guard.record(Outcome.success().took(Duration.ofMillis(100)), Duration.ofMillis(100));
            }
            time.advance(Duration.ofSeconds(1));
            return this;
        }

        void keep(boolean all) {
            history.note(health.series().take(time.wallTime(), all));
            assertThat(history.flush(LONG)).isTrue();
        }

        Map<Long, Long> calls(CircuitId agent, int length, Instant since) {
            SortedMap<Long, CallFigures> figures =
                    history.of(agent, length, since, health.series().of(agent));
            Map<Long, Long> calls = new TreeMap<>();
            figures.forEach((minute, each) -> calls.put(minute, each.calls()));
            return calls;
        }

        @Override
        public void close() {
            health.close();
            circuits.close();
            history.close();
        }
    }

    @Test
    void what_two_processes_count_adds_up_and_is_there_after_a_restart() {
        long minute = start.getEpochSecond() / 60;
        try (Counting one = new Counting(1);
                Counting other = new Counting(2)) {
            one.call(PLANNER, 3);
            other.call(PLANNER, 4);
            assertThat(one.calls(PLANNER, SeriesRow.MINUTES, start)).isEqualTo(Map.of(minute, 3L));
            other.keep(true);
            assertThat(one.calls(PLANNER, SeriesRow.MINUTES, start)).isEqualTo(Map.of(minute, 7L));
            one.keep(true);
            one.call(PLANNER, 1).keep(true);
            assertThat(one.calls(PLANNER, SeriesRow.MINUTES, start))
                    .as("what is remembered and stored counts once")
                    .isEqualTo(Map.of(minute, 8L));
        }
        try (Counting again = new Counting(3)) {
            assertThat(again.calls(PLANNER, SeriesRow.MINUTES, start)).isEqualTo(Map.of(minute, 8L));
            again.call(PLANNER, 2);
            assertThat(again.calls(PLANNER, SeriesRow.MINUTES, start)).isEqualTo(Map.of(minute, 10L));
            assertThat(again.calls(PLANNER, SeriesRow.HOUR, start).values()).containsExactly(10L);
        }
    }

    @Test
    void each_agent_and_organization_has_its_own_and_since_cuts_off_what_is_older() {
        CircuitId other = new CircuitId("other", "planner");
        try (Counting counting = new Counting(1)) {
            counting.call(PLANNER, 1).call(other, 2).call(CircuitId.of("critic"), 3);
            counting.keep(true);
            assertThat(counting.calls(PLANNER, SeriesRow.HOUR, start).values()).containsExactly(1L);
            assertThat(counting.calls(other, SeriesRow.HOUR, start).values()).containsExactly(2L);
            time.advance(Duration.ofHours(2));
            assertThat(counting.calls(PLANNER, SeriesRow.HOUR, time.wallTime())).isEmpty();
            assertThat(counting.calls(PLANNER, SeriesRow.HOUR, start)).hasSize(1);
        }
    }

    @Test
    void minutes_are_kept_for_a_day_and_hours_for_a_month() {
        try (Counting counting = new Counting(1)) {
            counting.call(PLANNER, 1).keep(true);
            time.advance(Duration.ofHours(25));
            assertThat(database.purgeSeries(time.wallTime())).isZero();
            time.advance(Duration.ofHours(2));
            assertThat(database.purgeSeries(time.wallTime())).isEqualTo(1);
            counting.keep(false); // so that this process remembers no more than is stored
            assertThat(counting.calls(PLANNER, SeriesRow.MINUTES, start)).isEmpty();
            assertThat(counting.calls(PLANNER, SeriesRow.HOUR, start)).hasSize(1);
            time.advance(Duration.ofDays(31));
            assertThat(database.purgeSeries(time.wallTime())).isEqualTo(1);
            assertThat(counting.calls(PLANNER, SeriesRow.HOUR, start)).isEmpty();
        }
    }

    @Test
    void a_row_that_cannot_be_read_is_a_gap() {
        try (Counting counting = new Counting(1)) {
            counting.history.note(List.of(new SeriesRow(
                    PLANNER, SeriesRow.MINUTES, start.getEpochSecond() / 60 / 5 * 5, new byte[] {(byte) 0xff, 1, 2})));
            counting.keep(true);
            assertThat(counting.calls(PLANNER, SeriesRow.MINUTES, start.minusSeconds(600)))
                    .isEmpty();
        }
    }
}
