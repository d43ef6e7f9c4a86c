package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** The store's writer takes notes off, and puts them back when the store is away, while circuits move. */
@ExtendWith(FrayTestExtension.class)
class NotesFrayTest {
    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void no_override_is_lost_or_written_twice_between_take_and_put_back() throws Exception {
        Notes notes = new Notes();
        CircuitBreaker circuit = circuit();
        List<TransitionRecord> written = new ArrayList<>();
        AtOnce.run(
                () -> notes.add(circuit, override(circuit, 1)), () -> notes.add(circuit, override(circuit, 2)), () -> {
                    round(notes, circuit, written, false);
                    round(notes, circuit, written, true);
                });
        round(notes, circuit, written, true);

        assertThat(written).hasSize(2);
        assertThat(new HashSet<>(written)).hasSize(2);
        assertThat(notes.isEmpty()).isTrue();
        assertThat(notes.isUnwritten(circuit)).isFalse();
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void at_no_moment_does_a_circuit_look_stored_that_is_not() throws Exception {
        Notes notes = new Notes();
        CircuitBreaker circuit = circuit();
        notes.add(circuit, override(circuit, 1));
        AtOnce.run(
                () -> {
                    round(notes, circuit, new ArrayList<>(), false);
                    round(notes, circuit, new ArrayList<>(), false);
                },
                () -> assertThat(notes.isUnwritten(circuit)).isTrue(),
                () -> assertThat(notes.isUnwritten(circuit)).isTrue());
    }

    private static void round(Notes notes, CircuitBreaker circuit, List<TransitionRecord> written, boolean there) {
        Map<CircuitBreaker, Note> taken = notes.take(List.of(circuit));
        if (there) {
            taken.values().forEach(note -> written.addAll(note.overrides()));
        } else {
            notes.putBack(taken, true);
        }
        notes.written(taken.keySet());
    }

    private static Note override(CircuitBreaker circuit, int seconds) {
        ManualOverride override = ManualOverride.of(OverrideAction.OPEN, "tester");
        return Note.of(CircuitRecords.repeated(
                circuit.snapshot(), override, new ManualTimeSource().wallTime().plus(Duration.ofSeconds(seconds))));
    }

    private static CircuitBreaker circuit() {
        return CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .build()
                .getOrCreate("agent");
    }
}
