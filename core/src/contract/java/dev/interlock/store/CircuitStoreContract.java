package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every store must do; a store's own test extends this. */
public abstract class CircuitStoreContract {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    /** A store that is empty the first time, and keeps what was written from then on. */
    protected abstract CircuitStore open();

    /**
     * Makes a record of organization {@code default} one that cannot be read, as nothing but another version or a person
     * would, or gives it another state, past the store.
     *
     * @param name which circuit's
     * @param state the state it gets, or null if it is to be unreadable
     */
    protected abstract void alter(String name, @Nullable String state);

    /** Whether {@link #alter} can be done at all. */
    protected boolean canBeAltered() {
        return true;
    }

    @Test
    void generationsRiseAndNeverComeTwice() {
        long first = open().nextGeneration();
        long second = open().nextGeneration();

        assertThat(first).isPositive();
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void manyThreadsNeverGetTheSameGeneration() throws InterruptedException {
        CircuitStore store = open();
        Set<Long> generations = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 40; i++) {
            threads.execute(() -> generations.add(store.nextGeneration()));
        }
        threads.shutdown();

        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(generations).hasSize(40);
    }

    @Test
    void whatIsNotPlainlyClosedComesBackAsItWasWritten() {
        CircuitRecord open = record("planner", "open", 7, false);
        CircuitRecord halfOpen = record("writer", "half_open", 8, false);
        CircuitRecord heldClosed = record("critic", "closed", 9, true);
        write(open, halfOpen, heldClosed, record("idle", "closed", 3, false));

        assertThat(read()).containsExactlyInAnyOrder(open, halfOpen, heldClosed);
    }

    @Test
    void aRecordThatCannotBeReadIsReportedAndLeftOut() {
        assumeTrue(canBeAltered(), "Nobody can write to this store past it");
        CircuitRecord one = record("one", "open", 7, false);
        CircuitRecord three = record("three", "open", 9, false);
        write(one, record("two", "open", 8, false), three);
        alter("two", null);
        List<CircuitRecord> read = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        open().readNotClosed(new CircuitReader() {
            @Override
            public void read(CircuitRecord record) {
                read.add(record);
            }

            @Override
            public void unreadable(UnreadableRecordException why) {
                unreadable.add(why.organization() + "/" + why.name());
                assertThat(why).hasMessageContaining("'default/two'");
            }
        });

        assertThat(read).containsExactlyInAnyOrder(one, three);
        assertThat(unreadable).containsExactly("default/two");
        assertThatThrownBy(() -> open().find("default", "two")).isInstanceOf(UnreadableRecordException.class);
    }

    @Test
    void aRecordThatCannotBeReadKeepsNoOtherFromBeingWritten() {
        assumeTrue(canBeAltered(), "Nobody can write to this store past it");
        write(record("two", "open", 8, false));
        alter("two", null);
        CircuitChange onto = CircuitChange.of(record("two", "open", 9, false));
        CircuitChange other = CircuitChange.of(record("one", "open", 7, false));

        assertThatThrownBy(() -> open().write(List.of(onto, other)))
                .isInstanceOfSatisfying(
                        UnreadableRecordException.class,
                        why -> assertThat(why.name()).isEqualTo("two"));
        assertThat(open().write(List.of(other))).isEmpty();
        assertThat(open().find("default", "one")).isEqualTo(other.record());
    }

    @Test
    void whoHasAnEpochNeedNotBeHandedItsRecord() {
        write(record("one", "open", 7, false), record("two", "open", 8, true));
        List<String> asked = new ArrayList<>();
        List<String> read = new ArrayList<>();
        open().readNotClosed(new CircuitReader() {
            @Override
            public boolean wants(String organization, String name, long epoch) {
                asked.add(organization + "/" + name + " " + epoch);
                return !name.equals("one");
            }

            @Override
            public void read(CircuitRecord record) {
                read.add(record.name());
            }
        });

        if (asked.isEmpty()) {
            assertThat(read).containsExactlyInAnyOrder("one", "two");
        } else {
            assertThat(asked).containsExactlyInAnyOrder("default/one 7", "default/two 8");
            assertThat(read).containsExactly("two");
        }
    }

    @Test
    void aStateOfANewerVersionIsCarriedAsItIs() {
        assumeTrue(canBeAltered(), "Nobody can write to this store past it");
        write(record("planner", "open", 7, false));
        alter("planner", "isolated");

        assertThat(read()).containsExactly(record("planner", "isolated", 7, false));
        assertThat(open().write(List.of(CircuitChange.of(record("planner", "open", 9, false)))))
                .containsExactly(record("planner", "isolated", 7, false));
    }

    @Test
    void whyACircuitOpenedIsKeptWithIt() {
        CircuitRecord open = record("planner", "open", 7, false);
        OpeningRecord why = new OpeningRecord("cause_to_come", "KIND_TO_COME", "anna", "it \u2713 'looped'");
        CircuitRecord opened = because(open, why);
        write(opened);
        assertThat(read()).containsExactly(opened);

        CircuitRecord closed = record("planner", "closed", 8, false);
        open().write(List.of(change(closed, 7)));
        assertThat(open().find("default", "planner")).isEqualTo(closed);
    }

    @Test
    void oneIsFoundByItsName() {
        CircuitRecord idle = record("idle", "closed", 3, false);
        write(idle, record("planner", "open", 7, false));

        assertThat(open().find("default", "idle")).isEqualTo(idle);
        assertThat(open().find("default", "nobody")).isNull();
        assertThat(open().find("other", "idle")).isNull();
    }

    @Test
    void anOlderEpochNeverOverwritesANewerOne() {
        CircuitRecord newer = record("planner", "open", 7, false);
        write(newer);

        List<CircuitRecord> inTheWay = open().write(List.of(change(record("planner", "half_open", 6, false), 7)));

        assertThat(inTheWay).containsExactly(newer);
        assertThat(read()).containsExactly(newer);
    }

    @Test
    void theSameStayIsWrittenAgain() {
        write(record("planner", "open", 7, false));
        CircuitRecord shortened = record("planner", "half_open", 7, false);

        assertThat(open().write(List.of(change(shortened, 7)))).isEmpty();

        assertThat(read()).containsExactly(shortened);
    }

    @Test
    void ofTwoWritersThatStartFromTheSameRecordTheFirstWins() {
        write(record("planner", "open", 7, false));
        CircuitRecord first = record("planner", "half_open", 8, false);
        CircuitRecord second = record("planner", "open", 20, true);
        open().write(List.of(change(first, 7)));

        List<CircuitRecord> inTheWay = open().write(List.of(change(second, 7)));

        assertThat(inTheWay).containsExactly(first);
        assertThat(read()).containsExactly(first);
    }

    @Test
    void whoKnowsOfNoRecordWinsOverAPlainlyClosedOneOnly() {
        write(record("idle", "closed", 3, false), record("held", "closed", 3, true), record("open", "open", 3, false));

        List<CircuitRecord> inTheWay = open().write(List.of(
                CircuitChange.of(record("idle", "open", 4, false)),
                CircuitChange.of(record("held", "open", 4, false)),
                CircuitChange.of(record("open", "closed", 4, true))));

        assertThat(inTheWay)
                .containsExactlyInAnyOrder(record("held", "closed", 3, true), record("open", "open", 3, false));
        assertThat(open().find("default", "idle")).isEqualTo(record("idle", "open", 4, false));
    }

    @Test
    void whoKnowsOfNoRecordDoesNotWinOverAPlainlyClosedOneThatIsNewer() {
        CircuitRecord newer = record("idle", "closed", 9, false);
        write(newer);

        assertThat(open().write(List.of(CircuitChange.of(record("idle", "open", 9, false)))))
                .containsExactly(newer);
    }

    @Test
    void whatIsInTheWayOfOneChangeHoldsNoOtherUp() {
        CircuitRecord newer = record("planner", "open", 7, false);
        write(newer);
        CircuitRecord other = record("writer", "open", 1, false);

        List<CircuitRecord> inTheWay =
                open().write(List.of(CircuitChange.of(record("planner", "open", 6, false)), CircuitChange.of(other)));

        assertThat(inTheWay).containsExactly(newer);
        assertThat(read()).containsExactlyInAnyOrder(newer, other);
    }

    @Test
    void ofManyWritersAtOnceOneWins() throws InterruptedException {
        CircuitStore store = open();
        write(record("planner", "open", 7, false));
        Set<Integer> winners = ConcurrentHashMap.newKeySet();
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 4; i++) {
            int writer = i;
            threads.execute(() -> {
                try {
                    start.await();
                } catch (InterruptedException stopped) {
                    return;
                }
                if (store.write(List.of(change(record("planner", "half_open", 8 + writer, false), 7)))
                        .isEmpty()) {
                    winners.add(writer);
                }
            });
        }
        start.countDown();
        threads.shutdown();

        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(winners).hasSize(1);
        assertThat(read())
                .singleElement()
                .satisfies(record -> assertThat(winners).containsExactly((int) record.epoch() - 8));
    }

    @Test
    void aCircuitThatClosedIsNotRead() {
        write(record("planner", "open", 7, false));
        open().write(List.of(change(record("planner", "closed", 8, false), 7)));

        assertThat(read()).isEmpty();
    }

    @Test
    void organizationsDoNotShareNames() {
        CircuitRecord ours = record("planner", "open", 7, false);
        CircuitRecord theirs = new CircuitRecord(
                "other", "planner", "open", 1, 0, 0, 0, 1, 0, null, NOON, NOON, NOON, false, null, null, null,
                "default", 1);
        write(ours, theirs);

        assertThat(read()).containsExactlyInAnyOrder(ours, theirs);
    }

    @Test
    void nothingToWriteIsFine() {
        write();

        assertThat(read()).isEmpty();
    }

    @Test
    void moreThanABatchIsWrittenAtOnce() {
        List<CircuitChange> changes = new ArrayList<>();
        for (int i = 0; i < 1_234; i++) {
            changes.add(CircuitChange.of(record("agent-" + i, "open", 5, false)));
        }

        assertThat(open().write(changes)).isEmpty();
        assertThat(read()).hasSize(1_234);
    }

    private void write(CircuitRecord... records) {
        List<CircuitRecord> inTheWay = open().write(
                        java.util.Arrays.stream(records).map(CircuitChange::of).toList());
        assertThat(inTheWay).isEmpty();
    }

    private List<CircuitRecord> read() {
        List<CircuitRecord> read = new ArrayList<>();
        open().readNotClosed(read::add);
        return read;
    }

    private static CircuitRecord because(CircuitRecord open, OpeningRecord why) {
        return new CircuitRecord(
                open.organization(),
                open.name(),
                open.state(),
                open.epoch(),
                open.failureCount(),
                open.successCount(),
                open.consecutiveFailures(),
                open.openings(),
                open.failedTrials(),
                open.lastFailureAt(),
                open.changedAt(),
                open.openedAt(),
                open.cooldownUntil(),
                open.held(),
                open.holdUntil(),
                open.actor(),
                open.reason(),
                open.policy(),
                open.writer(),
                why);
    }

    private static CircuitChange change(CircuitRecord record, long basis) {
        return new CircuitChange(record, basis, List.of());
    }

    private static CircuitRecord record(String name, String state, long epoch, boolean held) {
        boolean cooling = !state.equals("closed") && !state.equals("half_open") && !held;
        return new CircuitRecord(
                "default",
                name,
                state,
                epoch,
                5,
                1,
                5,
                2,
                1,
                NOON.minusSeconds(1),
                NOON,
                state.equals("closed") ? null : NOON,
                cooling ? NOON.plusSeconds(60) : null,
                held,
                held ? NOON.plusSeconds(3600) : null,
                held ? "anna" : null,
                held ? "maintenance \u2713 'quoted'" : null,
                "default",
                1);
    }
}
