package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each round writes, hears and reads, and when the next one comes. */
class StoreRoundsTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long GENERATION = 3;
    private static final CircuitId AGENT = CircuitId.of("agent");

    private final Lab lab = new Lab();
    private final Kept store = new Kept();
    private final List<Throwable> reported = new ArrayList<>();
    private final Thread.UncaughtExceptionHandler before =
            Thread.currentThread().getUncaughtExceptionHandler();
    private long nanos = -700 * MILLI; // ticks may be negative
    private int woken;
    private final StoreRounds rounds = new StoreRounds(
            store,
            new StoredCircuits(lab.circuits.registry(), null),
            GENERATION,
            Runnable::run,
            () -> woken++,
            () -> nanos);

    @BeforeEach
    void listen() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
    }

    @AfterEach
    void listenNoMore() {
        Thread.currentThread().setUncaughtExceptionHandler(before);
        lab.circuits.close();
    }

    // What is written.

    @Test
    void with_nothing_noted_there_is_nothing_to_do() {
        assertThat(rounds.isOwed()).isFalse();
        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(store.offered).isEmpty();
        assertThat(rounds.isAvailable()).isTrue();
    }

    @Test
    void what_is_noted_is_written_once_with_its_line() {
        CircuitBreaker circuit = trip("agent");
        assertThat(woken).isEqualTo(1);
        assertThat(rounds.isOwed()).isTrue();

        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);

        CircuitRecord stored = stored("agent");
        assertThat(stored.state()).isEqualTo("open");
        assertThat(stored.epoch()).isEqualTo(circuit.epoch());
        assertThat(stored.writer()).isEqualTo(GENERATION);
        assertThat(store.lines).extracting(TransitionRecord::cause).containsExactly("failure_kind");
        assertThat(rounds.agreements.basis(AGENT)).isEqualTo(circuit.epoch());
        assertThat(rounds.isOwed()).isFalse();
        assertThat(rounds.notes.isUnwritten(circuit)).isFalse();
        round();
        assertThat(store.offered).containsExactly(List.of("agent"));
    }

    /** Closed over closed is no new epoch here: the next one had the number that others knew already, and they passed it over. */
    @Test
    void what_happens_has_a_number_above_that_of_the_record_that_it_is_written_over() {
        CircuitBreaker circuit = lab.circuits.getOrCreate("agent");
        CircuitRecord theirs = elsewhere("closed", circuit.epoch() + 1);
        store.kept.write(List.of(new CircuitChange(theirs, CircuitChange.CLOSED_AND_CLEAN, List.of())));
        rounds.news.onChanged(theirs);
        round();
        assertThat(circuit.epoch()).as("it follows").isLessThan(theirs.epoch());

        trip("agent");
        assertThat(circuit.epoch()).isEqualTo(theirs.epoch());
        round();

        assertThat(stored("agent").state()).isEqualTo("open");
        assertThat(stored("agent").epoch()).isGreaterThan(theirs.epoch()).isEqualTo(circuit.epoch());
        assertThat(store.lines).hasSize(1);
        assertThat(store.offered).as("at once").hasSize(1);
        round();
        assertThat(store.offered).hasSize(1);
    }

    @Test
    void one_who_waits_hears_once_it_is_stored() {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        rounds.note(trip("agent"), Note.of(stored));
        assertThat(stored).isNotDone();
        round();
        assertThat(stored).isCompletedWithValue(true);
    }

    @Test
    void who_waits_for_all_that_was_noted_hears_once_it_is_stored() {
        trip("agent");
        assertThat(flush()).isTrue();
        assertThat(flush()).as("with nothing noted").isTrue();
        store.onWrite = changes -> refuse();
        trip("other");
        assertThat(flush()).isFalse();
    }

    @Test
    void a_circuit_that_was_forgotten_and_its_successor_are_one_change() {
        override("agent", OverrideAction.RESET);
        CircuitBreaker first = lab.circuit;
        lab.circuits.forget(AGENT);
        assertThat(first.isEvicted()).isTrue();
        CircuitBreaker second = trip("agent");
        assertThat(second).isNotSameAs(first);

        round();

        assertThat(store.offered).containsExactly(List.of("agent"));
        assertThat(stored("agent").epoch()).isEqualTo(second.epoch());
        assertThat(store.lines)
                .extracting(TransitionRecord::cause)
                .containsExactlyInAnyOrder("override", "failure_kind");
        assertThat(rounds.agreements.basis(AGENT)).isEqualTo(second.epoch());
    }

    @Test
    void what_is_stored_of_a_circuit_that_was_forgotten_is_forgotten_once_all_of_it_is_written() {
        override("agent", OverrideAction.RESET);
        lab.circuits.forget(AGENT);
        round();
        assertThat(stored("agent").state()).isEqualTo("closed");
        assertThat(rounds.agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    // A store that is away.

    @Test
    void a_store_that_is_away_is_tried_again_later_and_later_until_it_is_back() {
        store.onWrite = changes -> away();
        trip("agent");
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(rounds.isAvailable()).isFalse();
        assertThat(rounds.isOwed()).isTrue();
        nanos += 49 * MILLI;
        assertThat(round()).isEqualTo(MILLI);
        assertThat(store.offered).hasSize(1);
        nanos += MILLI;
        assertThat(round()).isEqualTo(100 * MILLI);
        assertThat(store.offered).hasSize(2);

        store.onWrite = changes -> {};
        nanos += 100 * MILLI;
        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(rounds.isAvailable()).isTrue();
        assertThat(stored("agent").state()).isEqualTo("open");
        assertThat(reported).isEmpty();
    }

    @Test
    void a_store_that_reports_a_gap_is_back_and_is_tried_at_once() {
        store.onWrite = changes -> away();
        store.onRead = StoreRoundsTest::away;
        trip("agent");
        round();
        rounds.news.onGap();
        assertThat(round()).as("tried at once, and away still").isEqualTo(50 * MILLI);
        assertThat(store.offered).hasSize(2);
        assertThat(store.reads).isEqualTo(1);
        round();
        assertThat(store.offered).as("one gap is one reason").hasSize(2);
        rounds.news.onGap();
        store.onWrite = changes -> {};
        store.onRead = () -> {};
        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(rounds.isAvailable()).isTrue();
    }

    @Test
    void a_store_that_took_its_time_to_fail_is_offered_no_more_and_one_that_did_not_all_the_rest() {
        for (int i = 0; i < 501; i++) {
            trip("agent-" + i);
        }
        store.onWrite = changes -> {
            throw new StoreUnavailableException("no answer", null);
        };
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(store.offered).hasSize(1);
        store.onWrite = changes -> away();
        nanos += 50 * MILLI;
        round();
        assertThat(store.offered).extracting(List::size).containsExactly(500, 500, 1);
    }

    @Test
    void in_the_last_round_all_is_tried_once_more_and_nothing_heard() {
        store.onWrite = changes -> refuse();
        trip("refused");
        round();
        store.onWrite = changes -> {};
        trip("agent");
        rounds.news.onChanged(elsewhere("open", 9L << 40));
        store.offered.clear();

        assertThat(rounds.round(true)).isEqualTo(Worker.Turn.UNTIL_WOKEN);

        assertThat(store.offered)
                .singleElement()
                .satisfies(names -> assertThat(names).containsExactlyInAnyOrder("refused", "agent"));
        assertThat(rounds.news.hasNews()).isTrue();
        assertThat(rounds.isOwed()).isFalse();
    }

    // A circuit that the store refuses.

    @Test
    void one_that_is_refused_waits_by_itself_and_the_others_are_written() {
        store.onWrite = changes -> {
            if (names(changes).contains("refused")) {
                refuse();
            }
        };
        trip("refused");
        trip("agent");
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(stored("agent").state()).isEqualTo("open");
        assertThat(rounds.isAvailable()).isFalse();
        assertThat(reported).singleElement().isInstanceOf(IllegalStateException.class);

        store.offered.clear();
        trip("other");
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(store.offered).as("at once, and alone").containsExactly(List.of("other"));
        nanos += 50 * MILLI;
        assertThat(round()).isEqualTo(100 * MILLI);
        assertThat(store.offered).containsExactly(List.of("other"), List.of("refused"));

        store.onWrite = changes -> {};
        nanos += 100 * MILLI;
        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(stored("refused").state()).isEqualTo("open");
        assertThat(rounds.isAvailable()).isTrue();
    }

    @Test
    void a_store_that_goes_away_while_each_is_tried_by_itself_is_offered_no_more() {
        store.onWrite = changes -> {
            if (changes.size() > 1) {
                refuse();
            }
            away();
        };
        trip("one");
        trip("other");
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(store.offered).extracting(List::size).containsExactly(2, 1);
        trip("third");
        round();
        assertThat(store.offered).as("nor what comes now").hasSize(2);
    }

    @Test
    void of_several_that_are_refused_each_has_a_time_of_its_own() {
        store.onWrite = changes -> refuse();
        trip("first");
        round();
        nanos += 20 * MILLI;
        trip("second");
        assertThat(round()).isEqualTo(30 * MILLI);
        nanos += 30 * MILLI;
        assertThat(round()).isEqualTo(20 * MILLI);
        assertThat(store.offered).containsExactly(List.of("first"), List.of("second"), List.of("first"));
    }

    @Test
    void one_whose_record_cannot_be_read_goes_on_without_the_store() {
        UnreadableRecordException unreadable = new UnreadableRecordException("default", "agent", "its row", null);
        store.onWrite = changes -> {
            throw unreadable;
        };
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        CircuitBreaker circuit = trip("agent");
        rounds.note(circuit, Note.of(stored));
        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(stored).isCompletedWithValue(false);
        assertThat(rounds.notes.isUnwritten(circuit)).isFalse();
        assertThat(rounds.isOwed()).isFalse();
        assertThat(rounds.isAvailable()).isTrue();
        assertThat(reported).containsExactly(unreadable);
    }

    // Another process was first.

    @Test
    void what_another_was_first_to_write_is_adopted_and_who_waits_hears_of_it() {
        CircuitRecord first = elsewhere("open", 9L << 40);
        store.write(List.of(CircuitChange.of(first)));
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        CircuitBreaker circuit = trip("agent");
        rounds.note(circuit, Note.of(stored));

        round();

        assertThat(stored).isCompletedWithValue(true);
        assertThat(circuit.epoch()).isEqualTo(first.epoch());
        assertThat(stored("agent")).isEqualTo(first);
        assertThat(rounds.notes.isUnwritten(circuit)).isFalse();
    }

    @Test
    void an_override_is_written_above_what_another_was_first_to_write() {
        store.write(List.of(CircuitChange.of(elsewhere("open", 9L << 40))));
        CircuitBreaker circuit = override("agent", OverrideAction.HOLD_OPEN);
        round();
        assertThat(stored("agent").held()).isTrue();
        assertThat(stored("agent").epoch()).isEqualTo(circuit.epoch()).isEqualTo((9L << 40) + 1);
    }

    @Test
    void where_others_write_all_the_time_an_override_is_tried_five_times_and_then_later() {
        store.blocking = ours -> elsewhere("open", ours.epoch() + 1);
        override("agent", OverrideAction.HOLD_OPEN);
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(store.offered).hasSize(5);
        assertThat(rounds.isOwed()).isTrue();
        store.blocking = null;
        nanos += 50 * MILLI;
        round();
        assertThat(stored("agent").held()).isTrue();
    }

    // What a circuit did by itself while nobody could be asked.

    @Test
    void it_gives_way_to_what_is_stored_and_is_not_unwritten_any_more() {
        CircuitRecord theirs = elsewhere("open", 9L << 40);
        store.write(List.of(CircuitChange.of(theirs)));
        store.offered.clear();
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        CircuitBreaker circuit = alone("agent");
        rounds.note(circuit, Note.of(stored));

        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);

        assertThat(store.offered).isEmpty();
        assertThat(circuit.epoch()).isEqualTo(theirs.epoch());
        assertThat(stored).isCompletedWithValue(true);
        assertThat(rounds.notes.isUnwritten(circuit)).isFalse();
        assertThat(rounds.notes.lag(System.nanoTime() + 1_000)).isZero();
    }

    @Test
    void it_gives_way_to_nothing_unless_a_write_of_it_had_no_answer() {
        CircuitBreaker circuit = alone("agent");
        round();
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(store.offered).isEmpty();

        store.onWrite = changes -> {
            throw new StoreUnavailableException("no answer", null);
        };
        CircuitBreaker unanswered = trip("unanswered");
        round();
        rounds.note(unanswered, Note.of(line(unanswered)).detached());
        store.onWrite = changes -> {};
        nanos += 50 * MILLI;
        round();
        assertThat(stored("unanswered").state()).isEqualTo("open");

        store.onWrite = changes -> away();
        CircuitBreaker unasked = trip("unasked");
        round();
        rounds.note(unasked, Note.of(line(unasked)).detached());
        store.onWrite = changes -> {};
        nanos += 50 * MILLI;
        round();
        assertThat(unasked.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void it_is_written_again_if_the_store_has_forgotten_everything() {
        CircuitBreaker circuit = alone("agent");
        store.onRead = StoreRoundsTest::away;
        rounds.news.onForgotten();
        round();
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        assertThat(stored("agent").epoch()).isEqualTo(circuit.epoch());
    }

    // What was written without an answer.

    @Test
    void an_override_whose_answer_was_lost_is_written_once_and_who_waits_for_it_hears_of_it() {
        store.losesAnswers = true;
        CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        CircuitBreaker circuit = override("agent", OverrideAction.HOLD_OPEN);
        rounds.note(circuit, Note.of(waiting));
        round();
        assertThat(waiting).isNotDone();
        long epoch = circuit.epoch();

        answers();

        assertThat(store.lines).extracting(TransitionRecord::action).containsExactly("hold_open");
        assertThat(waiting).isCompletedWithValue(true);
        assertThat(circuit.epoch()).isEqualTo(epoch);
        assertThat(rounds.agreements.basis(AGENT)).isEqualTo(epoch);
        assertThat(rounds.isOwed()).isFalse();
        assertThat(rounds.isAvailable()).isTrue();
    }

    @Test
    void what_came_after_it_is_written_on_top_with_its_own_lines_alone() {
        store.losesAnswers = true;
        override("agent", OverrideAction.OPEN);
        round();
        store.losesAnswers = false;
        store.onWrite = changes -> away();
        override("agent", OverrideAction.CLOSE);
        nanos += 100 * MILLI;
        round();
        CircuitBreaker circuit = override("agent", OverrideAction.HOLD_OPEN);

        answers();

        assertThat(store.lines).extracting(TransitionRecord::action).containsExactly("open", "close", "hold_open");
        assertThat(stored("agent").epoch()).isEqualTo(circuit.epoch());
        assertThat(stored("agent").held()).isTrue();
    }

    /** Its own opening, which it had got over, opened it once more. */
    @Test
    void a_circuit_that_has_recovered_since_is_not_opened_by_its_own_record() {
        store.losesAnswers = true;
        CircuitBreaker circuit = trip("agent");
        round();
        store.losesAnswers = false;
        store.onWrite = changes -> away();
        lab.pass(Duration.ofMinutes(10));
        for (int i = 0; i < 10 && circuit.state() != CircuitState.CLOSED; i++) {
            Objects.requireNonNull(circuit.tryAcquire()).succeed();
            rounds.note(circuit, Note.of(line(circuit)));
        }
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        nanos += 100 * MILLI;
        round();

        answers();

        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(stored("agent").state()).isEqualTo("closed");
        assertThat(store.lines).extracting(TransitionRecord::to).containsExactly("open", "closed");
    }

    @Test
    void one_that_others_have_written_over_gives_way_as_any_does() {
        store.losesAnswers = true;
        CircuitBreaker circuit = trip("agent");
        round();
        CircuitRecord theirs = elsewhere("open", circuit.epoch() + 7);
        store.kept.write(List.of(new CircuitChange(theirs, circuit.epoch(), List.of())));

        answers();

        assertThat(circuit.epoch()).isEqualTo(theirs.epoch());
        assertThat(store.lines).hasSize(1);
    }

    /** Which of two was taken is not known: a line may be there twice then, and is not lost. */
    @Test
    void of_two_writes_without_an_answer_nothing_is_lost_that_only_the_second_had() {
        for (boolean first : new boolean[] {true, false}) {
            store.lines.clear();
            String name = "first taken: " + first;
            store.losesAnswers = first;
            store.onWrite = changes -> {
                if (!first) {
                    throw new StoreUnavailableException("no answer", null);
                }
            };
            override(name, OverrideAction.HOLD_OPEN);
            round();
            store.losesAnswers = !first;
            store.onWrite = changes -> {
                if (first) {
                    throw new StoreUnavailableException("no answer", null);
                }
            };
            override(name, OverrideAction.RELEASE);
            nanos += 1_000 * MILLI;
            round();
            answers();
            assertThat(store.lines)
                    .as(name)
                    .extracting(TransitionRecord::action)
                    .startsWith("hold_open", "release");
            assertThat(stored(name).held()).isFalse();
        }
    }

    private void answers() {
        store.losesAnswers = false;
        store.onWrite = changes -> {};
        for (int i = 0; i < 3; i++) {
            nanos += 1_000 * MILLI;
            round();
        }
    }

    // What is heard and read.

    @Test
    void what_others_report_is_heard_while_the_store_is_away() {
        store.onWrite = changes -> away();
        trip("other");
        rounds.news.onChanged(elsewhere("open", 9L << 40));
        round();
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void what_is_reported_while_others_are_read_is_heard_at_once() {
        store.onRead = () -> rounds.news.onChanged(elsewhere("open", 9L << 40));
        rounds.news.onGap();
        assertThat(round()).isZero();
        round();
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void what_the_store_has_forgotten_is_written_again() {
        CircuitBreaker circuit = trip("agent");
        round();
        long epoch = circuit.epoch();
        store.forgetful = true;
        rounds.news.onGap();
        assertThat(round()).isZero();
        assertThat(rounds.isOwed()).isTrue();
        round();
        assertThat(store.offered).containsExactly(List.of("agent"), List.of("agent"));
        assertThat(circuit.epoch()).isEqualTo(epoch + 1);
    }

    @Test
    void what_is_doubted_after_a_good_read_is_looked_up_at_once() {
        rounds.news.onDoubt(AGENT);
        round();
        assertThat(rounds.news.hasToRead()).isFalse();
        rounds.news.onDoubt(AGENT);
        round();
        assertThat(rounds.news.hasToRead()).isFalse();
    }

    @Test
    void a_read_that_fails_is_tried_again_later_and_keeps_no_write_waiting() {
        store.onRead = StoreRoundsTest::away;
        rounds.news.onGap();
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(rounds.isAvailable()).isFalse();
        assertThat(reported).isEmpty();
        trip("agent");
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(stored("agent").state()).isEqualTo("open");
        assertThat(store.reads).isEqualTo(1);

        store.onRead = StoreRoundsTest::refuse;
        nanos += 50 * MILLI;
        assertThat(round()).isEqualTo(100 * MILLI);
        assertThat(reported).hasSize(1);
        store.onRead = () -> {};
        nanos += 100 * MILLI;
        assertThat(round()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(rounds.isAvailable()).isTrue();
    }

    private long round() {
        return rounds.round(false);
    }

    /** Waits for all that was noted, and lets one round come. */
    private boolean flush() {
        return rounds.completions.flush(Duration.ofMillis(1), this::round);
    }

    private CircuitBreaker trip(String name) {
        CircuitBreaker circuit = lab.circuits.getOrCreate(name);
        circuit.recordFailure(FailureKind.LOOP);
        rounds.note(circuit, Note.of(line(circuit)));
        return circuit;
    }

    private CircuitBreaker alone(String name) {
        CircuitBreaker circuit = lab.circuits.getOrCreate(name);
        circuit.recordFailure(FailureKind.LOOP);
        rounds.note(circuit, Note.of(line(circuit)).detached());
        return circuit;
    }

    private CircuitBreaker override(String name, OverrideAction action) {
        CircuitBreaker circuit = lab.circuits.getOrCreate(name);
        circuit.override(ManualOverride.of(action, "ada"));
        rounds.note(circuit, Note.of(line(circuit)));
        return circuit;
    }

    private static TransitionRecord line(CircuitBreaker circuit) {
        return CircuitRecords.of(Objects.requireNonNull(circuit.snapshot().lastTransition()));
    }

    private CircuitRecord stored(String name) {
        return Objects.requireNonNull(store.find("default", name));
    }

    private static List<String> names(Collection<CircuitChange> changes) {
        return changes.stream().map(change -> change.record().name()).toList();
    }

    private CircuitRecord elsewhere(String state, long epoch) {
        return new CircuitRecord(
                "default",
                "agent",
                state,
                epoch,
                5,
                0,
                5,
                1,
                0,
                null,
                lab.time.wallTime(),
                lab.time.wallTime(),
                lab.time.wallTime().plusSeconds(60),
                false,
                null,
                null,
                null,
                "default",
                77);
    }

    private static void away() {
        throw StoreUnavailableException.notAsked("away for a test", null);
    }

    private static void refuse() {
        throw new IllegalStateException("of a test");
    }

    /** A store that notes what it is offered and fails as a test wants. */
    private static final class Kept extends ForwardingStore {
        private final List<List<String>> offered = new ArrayList<>();
        private final List<TransitionRecord> lines = new ArrayList<>();
        private Consumer<Collection<CircuitChange>> onWrite = changes -> {};
        private Runnable onRead = () -> {};
        private @Nullable UnaryOperator<CircuitRecord> blocking;
        private boolean forgetful;
        private boolean losesAnswers;
        private int reads;

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return forgetful ? null : kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            offered.add(names(changes));
            onWrite.accept(changes);
            UnaryOperator<CircuitRecord> inTheWay = blocking;
            if (inTheWay != null) {
                return changes.stream().map(CircuitChange::record).map(inTheWay).toList();
            }
            List<CircuitRecord> others = forgetful ? List.of() : kept.write(changes);
            List<String> refused = others.stream().map(CircuitRecord::name).toList();
            changes.stream()
                    .filter(change -> !refused.contains(change.record().name()))
                    .forEach(change -> lines.addAll(change.transitions()));
            if (losesAnswers) {
                throw new StoreUnavailableException("no answer", null);
            }
            return others;
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            reads++;
            onRead.run();
            if (!forgetful) {
                kept.readNotClosed(reader);
            }
        }
    }
}
