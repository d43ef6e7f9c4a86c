package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TransitionRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits to be stored and what is being written: at no moment does a circuit look stored that is not. */
class NotesTest {
    private final Lab lab = new Lab();
    private final CircuitBreaker circuit = lab.circuit;
    private final CircuitBreaker other = lab.circuits.getOrCreate("other");
    private final Notes notes = new Notes();

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    @Test
    void at_first_nothing_is_noted() {
        assertThat(notes.isEmpty()).isTrue();
        assertThat(notes.size()).isZero();
        assertThat(notes.circuits()).isEmpty();
        assertThat(notes.isWaiting(circuit)).isFalse();
        assertThat(notes.isUnwritten(circuit)).isFalse();
        assertThat(notes.mustAskFirst(circuit)).isFalse();
        assertThat(notes.lag(System.nanoTime())).isZero();
    }

    @Test
    void a_circuit_is_unwritten_from_its_note_until_that_is_written() {
        notes.add(circuit, moved());
        assertThat(notes.isEmpty()).isFalse();
        assertThat(notes.size()).isEqualTo(1);
        assertThat(notes.circuits()).containsExactly(circuit);
        assertThat(notes.isWaiting(circuit)).isTrue();
        assertThat(notes.isUnwritten(circuit)).isTrue();
        assertThat(notes.isUnwritten(other)).isFalse();

        Map<CircuitBreaker, Note> taken = notes.take(List.of(circuit));
        assertThat(taken).containsOnlyKeys(circuit);
        assertThat(notes.isEmpty()).isTrue();
        assertThat(notes.isWaiting(circuit)).isFalse();
        assertThat(notes.isUnwritten(circuit)).as("it is being written").isTrue();

        notes.written(List.of(circuit));
        assertThat(notes.isUnwritten(circuit)).isFalse();
    }

    @Test
    void what_was_taken_without_a_note_is_not_unwritten() {
        assertThat(notes.take(List.of(circuit))).isEmpty();
        assertThat(notes.isUnwritten(circuit)).isFalse();
    }

    @Test
    void what_moves_while_it_is_written_is_still_unwritten_then() {
        notes.add(circuit, moved());
        notes.take(List.of(circuit));
        notes.add(circuit, moved());
        notes.written(List.of(circuit));
        assertThat(notes.isUnwritten(circuit)).isTrue();
        assertThat(notes.isWaiting(circuit)).isTrue();
    }

    @Test
    void what_could_not_be_written_is_noted_again_with_what_came_meanwhile() {
        CompletableFuture<Boolean> first = new CompletableFuture<>();
        CompletableFuture<Boolean> second = new CompletableFuture<>();
        notes.add(circuit, Note.of(first));
        Map<CircuitBreaker, Note> taken = notes.take(List.of(circuit));
        notes.add(circuit, Note.of(second));
        notes.putBack(taken, true);
        notes.written(taken.keySet());

        assertThat(notes.isUnwritten(circuit)).isTrue();
        Note both = Objects.requireNonNull(notes.take(List.of(circuit)).get(circuit));
        assertThat(both.waiting()).containsExactlyInAnyOrder(first, second);
        assertThat(both.whileDetached()).as("a circuit of this process alone").isFalse();
    }

    @Test
    void only_what_may_give_way_makes_the_store_be_asked_first() {
        notes.add(circuit, moved());
        assertThat(notes.mustAskFirst(circuit)).isFalse();
        notes.add(circuit, moved().detached());
        assertThat(notes.mustAskFirst(circuit)).isTrue();
        assertThat(notes.mustAskFirst(other)).isFalse();
    }

    @Test
    void the_lag_is_how_long_the_oldest_waits_or_is_being_written() {
        Note older = moved();
        Note newer = since(older, 300);
        notes.add(circuit, newer);
        assertThat(notes.lag(older.since() + 1_000)).isEqualTo(700);
        notes.add(other, older);
        assertThat(notes.lag(older.since() + 1_000)).isEqualTo(1_000);
        notes.take(List.of(other));
        assertThat(notes.lag(older.since() + 1_000)).as("being written").isEqualTo(1_000);
        notes.written(List.of(other));
        assertThat(notes.lag(older.since() + 1_000)).isEqualTo(700);
        notes.add(circuit, older);
        assertThat(notes.lag(older.since() + 1_000)).as("of two notes").isEqualTo(1_000);
        assertThat(older.and(newer).since()).isEqualTo(older.since());
    }

    @Test
    void the_last_override_is_the_latest_in_whatever_order_two_came() {
        Note earlier = ordered(OverrideAction.HOLD_OPEN);
        lab.pass(Lab.seconds(1));
        Note later = ordered(OverrideAction.HOLD_CLOSED);
        for (Note both : List.of(earlier.and(later), later.and(earlier))) {
            assertThat(both.lastOverrideAt()).isEqualTo(later.lastOverrideAt());
            assertThat(both.lines()).extracting(TransitionRecord::action).containsExactly("hold_open", "hold_closed");
        }
    }

    /** An override that repeats what is so has the epoch of the one before. */
    @Test
    void lines_of_one_epoch_are_in_the_order_of_their_times() {
        Note first = ordered(OverrideAction.HOLD_OPEN);
        lab.pass(Lab.seconds(1));
        Note again = ordered(OverrideAction.HOLD_OPEN);
        assertThat(again.and(first).lines())
                .extracting(TransitionRecord::at)
                .isEqualTo(first.and(again).lines().stream()
                        .map(TransitionRecord::at)
                        .toList());
    }

    private Note ordered(OverrideAction action) {
        lab.override(action);
        return Note.of(
                CircuitRecords.of(Objects.requireNonNull(circuit.snapshot().lastTransition())));
    }

    private Note moved() {
        lab.override(OverrideAction.RESET);
        TransitionRecord line =
                CircuitRecords.of(Objects.requireNonNull(circuit.snapshot().lastTransition()));
        return new Note(List.of(), line, false, false, false, null, List.of(), System.nanoTime());
    }

    private static Note since(Note note, long later) {
        return new Note(note.overrides(), note.automatic(), false, false, false, null, List.of(), note.since() + later);
    }
}
