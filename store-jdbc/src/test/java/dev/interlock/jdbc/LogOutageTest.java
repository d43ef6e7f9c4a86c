package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.LogRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL goes away under the agent log and comes back. */
@Tag("heavy")
class LogOutageTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int MORE_THAN_FIT = 60_000;

    @TempDir
    Path folder;

    @Test
    void rowsAreKeptWithinBoundsAndArriveWhenItReturns() throws IOException {
        Postgres.Restartable server = Postgres.restartable(folder.resolve("data"));
        try (Database database = Database.open(server.settings());
                JdbcLogStore log = database.openLog()) {
            log.append(rows(0, 10));
            assertThat(log.flush(SOON)).isTrue();

            server.stop();
            log.append(rows(10, 20));
            await().atMost(SOON).until(() -> !log.isAvailable());
            for (int from = 20; from < MORE_THAN_FIT; from += 1_000) {
                log.append(rows(from, from + 1_000));
            }
            assertThat(log.backlog()).isBetween(50_000, 50_500);
            assertThat(log.lostRows()).isPositive();
            long lost = log.lostRows();

            server.start();
            await().atMost(SOON).until(() -> log.flush(SOON));
            assertThat(log.isAvailable()).isTrue();
            assertThat(log.lostRows()).as("nothing more is lost").isLessThanOrEqualTo(lost + 500);
            assertThat(log.find(LogQuery.ofAgent("acme", "planner", 1)).rows())
                    .as("the newest")
                    .extracting(row -> row.entry().entryId())
                    .containsExactly("e" + (MORE_THAN_FIT + 19));
        } finally {
            server.stop();
        }
    }

    private static List<LogRow> rows(int from, int to) {
        List<LogRow> rows = new ArrayList<>();
        for (int i = from; i < to; i++) {
            LogEntry entry = LogEntry.builder("planner", ActionType.TOOL_CALL, Instant.EPOCH)
                    .entryId("e" + i)
                    .build();
            rows.add(new LogRow("acme", Instant.EPOCH, entry));
        }
        return rows;
    }
}
