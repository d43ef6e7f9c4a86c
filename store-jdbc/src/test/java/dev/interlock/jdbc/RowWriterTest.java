package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows are written in their order, kept within bounds while the database is away, and lost alone when they are bad. */
class RowWriterTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final List<Integer> written = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean away;

    @Test
    void everythingIsWrittenInItsOrderInFewBatches() {
        List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
        try (RowWriter<Integer> writer = writer(100_000, 1_000_000, rows -> batches.add(rows.size()))) {
            for (int i = 0; i < 5_000; i++) {
                writer.add(List.of(i));
            }
            assertThat(writer.flush(SOON)).isTrue();
            assertThat(writer.backlog()).isZero();
        }

        assertThat(written).isEqualTo(range(0, 5_000));
        assertThat(batches).hasSizeLessThan(1_000);
    }

    @Test
    void whileTheDatabaseIsAwayTheNewestAreKeptWithinBounds() {
        away = true;
        try (RowWriter<Integer> writer = writer(1_000, 1_000_000, rows -> {})) {
            writer.add(range(0, 5_000));
            await().until(() -> !writer.isAvailable());
            writer.add(range(5_000, 6_000));
            assertThat(writer.flush(Duration.ofMillis(1))).isFalse();
            assertThat(writer.backlog()).isLessThanOrEqualTo(1_500);

            away = false;
            assertThat(writer.flush(SOON)).isTrue();
            assertThat(writer.isAvailable()).isTrue();
            assertThat(written).endsWith(range(5_500, 6_000).toArray(Integer[]::new));
            assertThat(writer.lost() + written.size()).isEqualTo(6_000);
        }
    }

    @Test
    void longRowsAreBoundedByTheirCharacters() {
        away = true;
        try (RowWriter<Integer> writer = writer(1_000, 50, rows -> {})) {
            writer.add(range(0, 100));
            await().until(() -> !writer.isAvailable());
            assertThat(writer.backlog()).isLessThanOrEqualTo(100);
            writer.add(range(100, 110));
            await().until(() -> writer.backlog() <= 5);
            assertThat(writer.lost()).isGreaterThanOrEqualTo(105);
            away = false;
        }

        assertThat(written).containsExactly(105, 106, 107, 108, 109);
    }

    @Test
    void aRowThatIsRefusedIsLostAlone() {
        try (RowWriter<Integer> writer = writer(1_000, 1_000_000, rows -> {
            if (rows.contains(37)) {
                throw new IllegalArgumentException("no 37");
            }
        })) {
            writer.add(range(0, 100));
            assertThat(writer.flush(SOON)).isTrue();

            assertThat(writer.lost()).isEqualTo(1);
            assertThat(written).hasSize(99).doesNotContain(37).isSorted();
        }
    }

    @Test
    void aCloseWritesWhatWaits() throws InterruptedException {
        Semaphore go = new Semaphore(0);
        RowWriter<Integer> writer = writer(10_000, 1_000_000, rows -> go.acquireUninterruptibly());
        writer.add(range(0, 2_000));
        Thread closing = new Thread(writer::close);
        closing.start();
        go.release(100);
        closing.join(SOON.toMillis());

        assertThat(written).isEqualTo(range(0, 2_000));
        writer.add(List.of(1));
        assertThat(writer.lost()).as("what comes after the close").isEqualTo(1);
    }

    private interface Before {
        void write(List<Integer> rows);
    }

    private RowWriter<Integer> writer(int rows, long characters, Before before) {
        return new RowWriter<>("writer", new RowWriter.Bounds(rows, characters), row -> 10, batch -> {
            before.write(batch);
            if (away) {
                throw new StoreUnavailableException("away", null);
            }
            written.addAll(batch);
        });
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
