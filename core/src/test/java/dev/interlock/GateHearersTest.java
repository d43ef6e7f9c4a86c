package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Listeners hear of changes of the gates in effect: once for several changes, and after all of them. */
class GateHearersTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final Deque<Runnable> events = new ArrayDeque<>();
    private final List<List<String>> heard = new ArrayList<>();

    private CircuitBreakerManager manager() {
        CircuitBreakerManager made =
                CircuitBreakerManager.builder().time(time).executor(events::add).build();
        made.gates()
                .onChange(() ->
                        heard.add(made.gates().list().stream().map(Gate::id).toList()));
        return made;
    }

    private static Gate gate(String id) {
        return Gate.ofOrganization("acme", "ann").named(id);
    }

    private void run() {
        while (!events.isEmpty()) {
            events.poll().run();
        }
    }

    @Test
    void several_changes_are_heard_of_once_and_after_all_of_them() {
        try (CircuitBreakerManager circuits = manager()) {
            circuits.gates().put(gate("one"));
            circuits.gates().put(gate("two"));
            run();
            assertThat(heard).containsExactly(List.of("one", "two"));

            circuits.gates().remove("acme", "one", "bob", null);
            run();
            assertThat(heard).hasSize(2).last().isEqualTo(List.of("two"));
        }
    }

    @Test
    void the_end_of_a_gate_is_a_change() {
        try (CircuitBreakerManager circuits = manager()) {
            circuits.gates().put(gate("night").until(time.wallTime().plusSeconds(60)));
            run();
            time.advance(Duration.ofSeconds(60));
            run();
            assertThat(heard).containsExactly(List.of("night"), List.of());
        }
    }

    @Test
    void a_change_while_the_first_is_heard_of_is_heard_of_too() {
        try (CircuitBreakerManager circuits = manager()) {
            circuits.gates().onChange(() -> {
                if (heard.size() == 1) {
                    circuits.gates().put(gate("meanwhile"));
                }
            });
            circuits.gates().put(gate("first"));
            run();
            assertThat(heard).containsExactly(List.of("first"), List.of("first", "meanwhile"));
        }
    }

    @Test
    void an_executor_that_takes_nothing_any_more_hurts_no_later_change() {
        boolean[] closed = {true};
        List<Boolean> called = new ArrayList<>();
        GateHearers hearers = new GateHearers(task -> {
            if (closed[0]) {
                throw new RejectedExecutionException("closed");
            }
            task.run();
        });
        hearers.add(() -> called.add(true));
        hearers.changed();
        closed[0] = false;
        hearers.changed();
        assertThat(called).hasSize(1);
    }
}
