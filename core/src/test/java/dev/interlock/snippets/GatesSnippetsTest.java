package dev.interlock.snippets;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Gate;
import dev.interlock.GateChange;
import dev.interlock.GateConfirmation;
import dev.interlock.Guard;
import dev.interlock.store.InMemoryCircuitStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The blocks of docs/gates.md. */
class GatesSnippetsTest {
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().store(new InMemoryCircuitStore()).build();
    private final Guard planner = circuits.guard(new CircuitId("acme", "planner-1"));
    private final Model model = prompt -> "an answer";
    private final String prompt = "a question";
    private final List<String> shown = new ArrayList<>();

    private interface Model {
        String chat(String prompt);
    }

    private void show(String text) {
        shown.add(text);
    }

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void put_list_and_remove() {
        // tag::gates[]
        Gate stop = Gate.ofAgents("acme", "planner-*", "ann@acme.example")
                .named("stop-planners")
                .because("they spend too much")
                .until(Instant.now().plus(Duration.ofHours(1)));
        circuits.gates().put(stop);

        List<Gate> gates = circuits.gates().list("acme");

        circuits.gates().remove("acme", "stop-planners", "bob@acme.example", "the limit was raised");
        // end::gates[]
        assertThat(gates).extracting(Gate::id).containsExactly("stop-planners");
        assertThat(circuits.gates().list("acme")).isEmpty();
    }

    @Test
    void a_refused_call() {
        circuits.gates().put(Gate.ofOrganization("acme", "ann").because("night"));
        // tag::refused[]
        try {
            planner.call(() -> model.chat(prompt));
        } catch (CircuitOpenException refused) {
            Gate gate = refused.gate(); // null if a circuit refuses
            if (gate != null) {
                show("stopped by " + gate.author() + ": " + gate.reason());
            }
        }
        // end::refused[]
        assertThat(shown).containsExactly("stopped by ann: night");
    }

    @Test
    void stored() throws Exception {
        // tag::stored[]
        GateChange stop = circuits.gates().put(Gate.ofUpstream("acme", "model:kimi-k2", "ann@acme.example"));
        boolean durable = stop.fate()
                .thenApply(fate -> fate == GateChange.Fate.STORED)
                .toCompletableFuture()
                .completeOnTimeout(false, 1, SECONDS)
                .get();
        // end::stored[]
        // tag::confirmed[]
        GateConfirmation obeying =
                stop.confirmed(Duration.ofSeconds(1)).toCompletableFuture().get();
        if (!obeying.isWhole()) {
            show("not stopped yet: " + obeying.missing());
        }
        // end::confirmed[]
        assertThat(shown).isEmpty();
        assertThat(durable || stop.fate().toCompletableFuture().get(20, SECONDS) == GateChange.Fate.STORED)
                .isTrue();
    }
}
