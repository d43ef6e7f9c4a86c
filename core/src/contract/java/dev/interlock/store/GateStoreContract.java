package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every store of gates must do; a store's own test extends this. */
public abstract class GateStoreContract {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    /** The gates of a store that is empty the first time, and keeps what was written from then on. */
    protected abstract GateStore open();

    /** How far a time may be off that went through a store with another clock. */
    protected Duration clocksApart() {
        return Duration.ZERO;
    }

    @Test
    void aGateComesBackAsItWasWritten() {
        GateRecord all = record("all", 1, "organization", null, NOW.plusSeconds(60));
        GateRecord some = record("some \u2713 'quoted'", 3, "agents", "planner-*", null);
        assertThat(open().write(List.of(all, some))).isEmpty();

        List<GateRecord> read = open().read(NOW);
        assertThat(read).hasSize(2);
        assertSame(find("all"), all);
        assertSame(find("some \u2713 'quoted'"), some);
        assertThat(find("none")).isNull();
        assertThat(open().find("another", "all")).isNull();
    }

    @Test
    void onlyGatesInEffectAreRead() {
        GateRecord lasting = record("lasting", 1, "organization", null, NOW.plusSeconds(60));
        GateRecord removed = record("removed", 1, "organization", null, null).removed(removal());
        GateRecord ended = record("ended", 1, "organization", null, NOW.minusSeconds(60));
        open().write(List.of(lasting, removed, ended));

        assertThat(open().read(NOW)).extracting(GateRecord::id).containsExactly("lasting");
        assertSame(find("removed"), removed);
        assertThat(open().read(NOW.plusSeconds(120))).isEmpty();
    }

    @Test
    void onlyAHigherVersionIsWrittenAndWhatIsKeptIsReturned() {
        GateRecord third = record("stop", 3, "agents", "one", null);
        open().write(List.of(third));

        GateRecord again = new GateRecord("acme", "stop", 3, "another", "agents", "two", "bob", null, NOW, null, null);
        List<GateRecord> inTheWay = open().write(List.of(again, record("other", 1, "organization", null, null)));
        assertThat(inTheWay).hasSize(1);
        assertSame(inTheWay.get(0), third);
        assertThat(find("other")).isNotNull();
        assertSame(find("stop"), third);

        GateRecord removed = third.removed(removal());
        assertThat(open().write(List.of(removed))).isEmpty();
        assertSame(open().write(List.of(third)).get(0), removed);
        assertThat(open().read(NOW)).extracting(GateRecord::id).containsExactly("other");
        assertThat(open().write(List.of(again.withVersion(12)))).isEmpty();
        assertThat(open().read(NOW)).hasSize(2);
    }

    @Test
    void ofManyThatWriteOneVersionOneIsFirst() throws InterruptedException {
        int writers = 6;
        GateStore store = open();
        AtomicInteger written = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(writers);
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        for (int i = 0; i < writers; i++) {
            GateRecord mine =
                    new GateRecord("acme", "stop", 1, "stamp " + i, "organization", null, "ann", null, NOW, null, null);
            threads.execute(() -> {
                together.countDown();
                try {
                    together.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
                if (store.write(List.of(mine)).isEmpty()) {
                    written.incrementAndGet();
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(written).hasValue(1);
    }

    @Test
    void whoSubscribedHearsWhatIsWrittenOrThatItMayHaveMissedSomething() {
        List<GateRecord> heard = new CopyOnWriteArrayList<>();
        AtomicInteger gaps = new AtomicInteger();
        GateSubscriber subscriber = new GateSubscriber() {
            @Override
            public void onChanged(GateRecord record) {
                heard.add(record);
            }

            @Override
            public void onGap() {
                gaps.incrementAndGet();
            }
        };
        GateStore store = open();
        store.subscribe(subscriber);
        GateRecord first = record("stop", 1, "organization", null, null);
        store.write(List.of(first));
        store.write(List.of(first.removed(removal())));

        if (canBeHeard()) {
            await().until(() -> {
                GateRecord stored = gaps.get() > 0 ? store.find("acme", "stop") : null;
                return heard.stream().anyMatch(GateRecord::isRemoved) || stored != null && stored.isRemoved();
            });
        }
        store.unsubscribe(subscriber);
    }

    /** Whether anybody else can use the store, and so hears of what is written. */
    protected boolean canBeHeard() {
        return true;
    }

    private @Nullable GateRecord find(String id) {
        return open().find("acme", id);
    }

    private void assertSame(@Nullable GateRecord actual, GateRecord expected) {
        assertThat(actual).isNotNull();
        assertThat(actual)
                .usingRecursiveComparison()
                .ignoringFieldsOfTypes(Instant.class)
                .ignoringFields("removal.at")
                .isEqualTo(expected);
        assertNear(actual.since(), expected.since());
        assertNear(actual.until(), expected.until());
        assertNear(at(actual), at(expected));
    }

    private void assertNear(@Nullable Instant actual, @Nullable Instant expected) {
        if (expected == null || actual == null) {
            assertThat(actual).isEqualTo(expected);
        } else {
            assertThat(Duration.between(actual, expected).abs()).isLessThanOrEqualTo(clocksApart());
        }
    }

    private static @Nullable Instant at(GateRecord record) {
        GateRecord.Removal removal = record.removal();
        return removal == null ? null : removal.at();
    }

    private static GateRecord.Removal removal() {
        return new GateRecord.Removal("bob \u2713", "over\n'quoted'", NOW.plusSeconds(5));
    }

    private static GateRecord record(
            String id, long version, String covers, @Nullable String pattern, @Nullable Instant until) {
        return new GateRecord(
                "acme",
                id,
                version,
                "stamp of " + id + " " + version,
                covers,
                pattern,
                "ann",
                "for\n'reasons' \\ and {more}",
                NOW,
                until,
                null);
    }
}
