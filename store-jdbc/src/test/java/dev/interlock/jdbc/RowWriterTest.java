package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows are written in their order, kept within bounds while the database is away, and lost alone when they are bad. */
class RowWriterTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final List<Integer> written = Collections.synchronizedList(new ArrayList<>());
    private final Losses losses = new Losses("Rows were lost", Instant::now);
    private volatile boolean away;
    private volatile int most = Integer.MAX_VALUE;

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

    /** As a database does for which somebody else waits. */
    @Test
    void whatIsWrittenInSeveralTransactionsIsWrittenOnceAlsoIfTheDatabaseGoesAwayBetweenThem() {
        most = 7;
        try (RowWriter<Integer> writer = writer(1_000, 1_000_000, rows -> away = !away && written.size() == 70)) {
            writer.add(range(0, 100));
            await().until(() -> !writer.isAvailable());
            assertThat(writer.backlog()).isEqualTo(30);

            assertThat(writer.flush(SOON)).isTrue();
            assertThat(written).isEqualTo(range(0, 100));
            assertThat(losses.total()).isZero();
        }
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
            assertThat(losses.total() + written.size()).isEqualTo(6_000);
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
            assertThat(losses.total()).isGreaterThanOrEqualTo(105);
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

            assertThat(losses.total()).isEqualTo(1);
            assertThat(written).hasSize(99).doesNotContain(37).isSorted();
        }
    }

    @Test
    void ownersAreServedInTurns() {
        Semaphore go = new Semaphore(0);
        try (RowWriter<Integer> writer =
                writer(10_000, 1_000_000, row -> row < 5_000 ? "loud" : "quiet", rows -> go.acquireUninterruptibly())) {
            writer.add(range(0, 5_000));
            writer.add(range(5_000, 5_010));
            go.release(3);
            await().atMost(SOON).until(() -> written.containsAll(range(5_000, 5_010)));
            go.release(100);
        }
        assertThat(written).hasSize(5_010);
        assertThat(losses.total()).isZero();
    }

    @Test
    void whoHoldsMostLosesFirst() {
        away = true;
        try (RowWriter<Integer> writer = writer(1_000, 1_000_000, row -> row < 5_000 ? "loud" : "quiet", rows -> {})) {
            writer.add(range(5_000, 5_100));
            writer.add(range(0, 5_000));
            await().atMost(SOON).until(() -> !writer.isAvailable());
            away = false;
            assertThat(writer.flush(SOON)).isTrue();
        }
        assertThat(written).containsAll(range(5_000, 5_100));
        assertThat(losses.of("quiet")).isZero();
        assertThat(losses.of("loud")).isEqualTo(losses.total()).isGreaterThanOrEqualTo(3_500);
    }

    @Test
    void anOwnerMayReserveAsMuchAsIsFree() {
        Semaphore go = new Semaphore(0);
        try (RowWriter<Integer> writer = writer(1_000, 3_000, row -> "loud", rows -> go.acquireUninterruptibly())) {
            assertThat(writer.reserve("loud", 501, 0)).isFalse();
            assertThat(writer.reserve("loud", 500, 0)).isTrue();
            assertThat(writer.reserve("quiet", 250, 1_500)).isTrue();
            assertThat(writer.reserve("third", 1, 751))
                    .as("characters count as well")
                    .isFalse();
            assertThat(writer.reserve("third", 125, 750)).isTrue();
            writer.release("loud", 500, 0);
            writer.release("quiet", 250, 1_500);
            writer.release("third", 125, 750);
            assertThat(writer.reserve("third", 500, 1_500)).isTrue();
            writer.release("third", 500, 1_500);
            go.release(1_000);
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
        assertThat(losses.total()).as("what comes after the close").isEqualTo(1);
    }

    private interface Before {
        void write(List<Integer> rows);
    }

    private RowWriter<Integer> writer(int rows, long characters, Before before) {
        return writer(rows, characters, row -> "acme", before);
    }

    private RowWriter<Integer> writer(int rows, long characters, Function<Integer, String> owner, Before before) {
        return new RowWriter<>("writer", new FairQueue.Bounds(rows, characters), owner, row -> 10, losses, batch -> {
            before.write(batch);
            if (away) {
                throw new StoreUnavailableException("away", null);
            }
            List<Integer> some = batch.subList(0, Math.min(batch.size(), most));
            written.addAll(some);
            return some.size();
        });
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
