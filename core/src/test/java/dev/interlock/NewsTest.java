package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** News, doubts and gaps, each by itself, and what comes while they are taken in. */
class NewsTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    private static final long GENERATION = 1;

    private final Store store = new Store();
    private final CircuitBreakerManager here = CircuitBreakerManager.builder()
            .time(new ManualTimeSource(Instant.EPOCH))
            .executor(Runnable::run)
            .build();
    private final Registry registry = here.registry();
    private final List<CircuitBreaker> rewritten = new ArrayList<>();
    private final News news = news();
    private int woken;
    private int losses;

    @AfterEach
    void close() {
        here.close();
    }

    @Test
    void a_doubt_that_comes_while_its_circuit_is_looked_up_is_looked_up_again() {
        store.onFind = name -> {
            store.onFind = again -> {};
            news.onDoubt(PLANNER);
        };
        news.onDoubt(PLANNER);
        news.read();
        assertThat(news.hasToRead()).isTrue();
        news.read();
        assertThat(news.hasToRead()).isFalse();
        assertThat(store.found).containsExactly("planner", "planner");
    }

    @Test
    void a_loss_of_memory_during_a_read_is_not_made_good_by_it() {
        store.onRead = () -> {
            store.onRead = () -> {};
            news.onForgotten();
        };
        news.onGap();
        news.read();
        assertThat(news.isForgotten()).isTrue();
        assertThat(news.hasToRead()).isTrue();
        news.read();
        assertThat(news.isForgotten()).isFalse();
        assertThat(news.hasToRead()).isFalse();
    }

    @Test
    void a_doubt_that_fails_keeps_neither_others_nor_the_gap_waiting() {
        store.onFind = name -> {
            if (name.equals("away")) {
                throw new StoreUnavailableException("its master is away", null);
            }
        };
        store.kept.write(List.of(CircuitChange.of(record("read", 7)), CircuitChange.of(record("doubted", 7))));
        news.onDoubt(CircuitId.of("away"));
        news.onDoubt(CircuitId.of("doubted"));
        news.onGap();

        assertThat(catchThrowable(news::read)).isInstanceOf(StoreUnavailableException.class);
        assertThat(here.snapshot(CircuitId.of("read")).state()).isEqualTo(CircuitState.OPEN);
        assertThat(store.found).containsExactly("away", "doubted");
        assertThat(news.hasToRead()).isTrue(); // the doubt that failed, and nothing else
        store.found.clear();
        store.onFind = name -> {};
        news.read();
        assertThat(store.found).containsExactly("away");
        assertThat(news.hasToRead()).isFalse();
    }

    @Test
    void a_reconciling_read_reads_only_what_differs() {
        store.kept.write(List.of(CircuitChange.of(record("one", 7)), CircuitChange.of(record("two", 8))));
        news.onGap();
        news.read();
        assertThat(store.read).containsExactlyInAnyOrder("one", "two");
        store.read.clear();
        store.kept.write(List.of(new CircuitChange(record("two", 9), 8L << 40, List.of())));
        news.onReconcile();
        news.read();

        assertThat(store.read).containsExactly("two");
        assertThat(store.found).isEmpty();
        news.onGap();
        news.read();
        assertThat(store.read).hasSize(3);
    }

    @Test
    void what_this_process_has_written_itself_is_no_news() {
        news.onChanged(record("own", 7, GENERATION));
        assertThat(news.hasNews()).isFalse();
        assertThat(woken).isZero();
        news.onChanged(record("theirs", 7));
        assertThat(news.hasNews()).isTrue();
        assertThat(woken).isEqualTo(1);
    }

    @Test
    void a_doubt_a_gap_a_comparison_and_a_loss_each_wake_and_are_to_be_read() {
        List<Runnable> reasons =
                List.of(() -> news.onDoubt(PLANNER), news::onGap, news::onReconcile, news::onForgotten);
        for (int i = 0; i < reasons.size(); i++) {
            assertThat(news.hasToRead()).isFalse();
            reasons.get(i).run();
            assertThat(news.hasToRead()).isTrue();
            assertThat(woken).isEqualTo(i + 1);
            news.read();
        }
        assertThat(news.gaps()).isEqualTo(2);
        assertThat(news.isForgotten()).isFalse();
        assertThat(store.found).as("the others are read at once").containsExactly("planner");
    }

    @Test
    void of_two_messages_of_one_number_the_later_counts() {
        CircuitRecord first = cooling(Instant.EPOCH.plusSeconds(60));
        news.onChanged(first);
        news.hear();
        assertThat(here.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(60));
        news.onChanged(first);
        news.onChanged(cooling(Instant.EPOCH.plusSeconds(20)));
        news.hear();
        assertThat(here.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void one_that_the_store_has_forgotten_is_written_again() {
        news.onChanged(record("planner", 7));
        news.hear();
        news.onDoubt(PLANNER);
        news.read();
        assertThat(rewritten).containsExactly(here.getOrCreate(PLANNER));
    }

    @Test
    void a_loss_is_passed_on_to_the_circuits() {
        news.onForgotten();
        assertThat(losses).isEqualTo(1);
        news.onGap();
        assertThat(losses).isEqualTo(1);
    }

    @Test
    void what_is_doubted_twice_is_looked_up_once() {
        news.onDoubt(PLANNER);
        news.onDoubt(PLANNER);
        news.read();
        assertThat(store.found).containsExactly("planner");
        assertThat(news.hasToRead()).isFalse();
    }

    @Test
    void after_three_looks_that_failed_the_store_is_not_asked_for_the_other_doubts() {
        store.onFind = name -> {
            throw new StoreUnavailableException("away", null);
        };
        for (int i = 0; i < 5; i++) {
            news.onDoubt(CircuitId.of("agent-" + i));
        }
        assertThat(catchThrowable(news::read)).isInstanceOf(StoreUnavailableException.class);
        assertThat(store.found).containsExactly("agent-0", "agent-1", "agent-2");
        store.found.clear();
        assertThat(catchThrowable(news::read)).isInstanceOf(StoreUnavailableException.class);
        assertThat(store.found).as("the others first").containsExactly("agent-3", "agent-4", "agent-0");
    }

    @Test
    void a_mistake_of_a_look_is_said_to_be_one() {
        IllegalStateException mistake = new IllegalStateException("of a test");
        store.onFind = name -> {
            throw mistake;
        };
        news.onDoubt(PLANNER);
        assertThat(catchThrowable(news::read))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Something of what is stored could not be looked up")
                .hasCause(mistake);
        assertThat(news.hasToRead()).isTrue();
    }

    @Test
    void each_thirtieth_comparison_reads_all_again() {
        store.kept.write(List.of(CircuitChange.of(record("one", 7))));
        news.onGap();
        news.read();
        store.read.clear();
        for (int i = 1; i < 30; i++) {
            news.onReconcile();
            news.read();
        }
        assertThat(store.read).isEmpty();
        news.onReconcile();
        news.read();
        assertThat(store.read).containsExactly("one");
    }

    @Test
    void a_circuit_that_is_open_here_alone_is_looked_up() {
        store.kept.write(List.of(CircuitChange.of(record("stored", 7))));
        news.onGap();
        news.read();
        here.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "ada"));
        store.found.clear();
        news.onReconcile();
        news.read();
        assertThat(store.found).containsExactly("planner");
    }

    @Test
    void what_is_closed_here_and_open_there_is_read_whatever_its_epoch() {
        CircuitRecord open = record("planner", 7);
        here.getOrCreate(PLANNER);
        store.kept.write(List.of(CircuitChange.of(open)));
        news.onReconcile();
        news.read();
        assertThat(here.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void a_name_that_no_circuit_may_have_is_reported_once_wherever_it_comes_from() {
        CircuitRecord endless = record("x".repeat(300), 7);
        store.kept.write(List.of(CircuitChange.of(endless), CircuitChange.of(record("good", 7))));
        List<String> reported = ReportedMessages.of(() -> news.onChanged(endless));
        assertThat(reported).hasSize(1);
        assertThat(news.hasNews()).isFalse();
        reported.addAll(ReportedMessages.of(() -> {
            news.onReconcile();
            news.read();
        }));
        assertThat(reported)
                .singleElement()
                .satisfies(message -> assertThat(message)
                        .contains("cannot be read and is left out")
                        .contains("at most 256 characters"));
        assertThat(here.snapshot(CircuitId.of("good")).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void of_a_thousand_unreadable_records_each_is_reported_and_no_more() {
        List<String> reported = ReportedMessages.of(() -> {
            for (int i = 0; i < 1_001; i++) {
                news.onUnreadable(new UnreadableRecordException("default", "agent-" + i, "its row", null));
            }
        });
        assertThat(reported).hasSize(1_000);
    }

    @Test
    void what_cannot_be_taken_in_keeps_no_other_out_and_what_fails_in_passing_is_looked_up() {
        store.kept.write(List.of(
                CircuitChange.of(record("bad", 7)),
                CircuitChange.of(record("passing", 7)),
                CircuitChange.of(record("good", 7))));
        List<String> taken = new ArrayList<>();
        List<String> reported = ReportedMessages.of(() -> news.restore(record -> {
            if (record.name().equals("bad")) {
                throw new IllegalArgumentException("no such state");
            } else if (record.name().equals("passing")) {
                throw new StackOverflowError("of a test");
            }
            taken.add(record.name());
        }));
        assertThat(taken).containsExactly("good");
        assertThat(reported)
                .hasSize(2)
                .first()
                .asString()
                .contains("'default/bad'")
                .contains("no such state");
        assertThat(reported).last().isEqualTo("of a test");
        assertThat(news.hasToRead()).isTrue();
        news.read();
        assertThat(store.found).containsExactly("passing");
    }

    @Test
    void one_whose_record_cannot_be_read_is_reported_and_not_looked_up_again() {
        store.onFind = name -> {
            throw new UnreadableRecordException("default", name, "its row", null);
        };
        news.onDoubt(PLANNER);
        assertThat(ReportedMessages.of(news::read)).hasSize(1);
        assertThat(news.hasToRead()).isFalse();
        here.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "ada"));
        store.unreadable = "planner";
        store.found.clear();
        news.onReconcile();
        assertThat(ReportedMessages.of(news::read)).as("once").isEmpty();
        assertThat(store.found).as("it is there, whatever it says").isEmpty();
    }

    private News news() {
        Residents residents = new Watched(new StoredCircuits(registry, null));
        Agreements agreements = new Agreements(residents, GENERATION, false, rewritten::add);
        return new News(store, agreements, residents, GENERATION, () -> woken++);
    }

    private static CircuitRecord record(String name, long epoch) {
        return record(name, epoch, 77);
    }

    private static CircuitRecord record(String name, long epoch, long writer) {
        return new CircuitRecord(
                "default",
                name,
                "open",
                epoch << 40,
                5,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                false,
                null,
                null,
                null,
                "default",
                writer);
    }

    private static CircuitRecord cooling(Instant until) {
        return new CircuitRecord(
                "default",
                "planner",
                "open",
                7L << 40,
                5,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                until,
                false,
                null,
                null,
                null,
                "default",
                77);
    }

    /** Circuits whose losses are counted. */
    private final class Watched implements Residents {
        private final Residents circuits;

        Watched(Residents circuits) {
            this.circuits = circuits;
        }

        @Override
        public @Nullable CircuitBreaker find(CircuitId id) {
            return circuits.find(id);
        }

        @Override
        public @Nullable CircuitBreaker takeIn(CircuitId id, long recorded) {
            return circuits.takeIn(id, recorded);
        }

        @Override
        public Stream<CircuitId> notClosed() {
            return circuits.notClosed();
        }

        @Override
        public Instant wallTime() {
            return circuits.wallTime();
        }

        @Override
        public boolean isDetached() {
            return circuits.isDetached();
        }

        @Override
        public void onForgotten() {
            losses++;
        }
    }

    private static final class Store implements CircuitStore {
        private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        private final List<String> found = new ArrayList<>();
        private final List<String> read = new ArrayList<>();
        private Consumer<String> onFind = name -> {};
        private Runnable onRead = () -> {};
        private @Nullable String unreadable;

        @Override
        public long nextGeneration() {
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            onRead.run();
            String broken = unreadable;
            if (broken != null) {
                reader.unreadable(new UnreadableRecordException("default", broken, "its row", null));
            }
            kept.readNotClosed(new CircuitReader() {
                @Override
                public void read(CircuitRecord record) {
                    read.add(record.name());
                    reader.read(record);
                }

                @Override
                public boolean wants(String organization, String name, long epoch) {
                    return reader.wants(organization, name, epoch);
                }
            });
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            found.add(name);
            onFind.accept(name);
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            return kept.write(changes);
        }

        @Override
        public void close() {}
    }
}
