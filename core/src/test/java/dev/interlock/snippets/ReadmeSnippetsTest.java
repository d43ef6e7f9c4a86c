package dev.interlock.snippets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The code of the README, run. */
class ReadmeSnippetsTest {
    interface Planner {
        String plan();
    }

    interface Model {
        String chat(String prompt);

        default CompletionStage<String> chatAsync(String prompt) {
            return CompletableFuture.completedFuture(chat(prompt));
        }
    }

    private static final class ModelException extends RuntimeException {
        private static final long serialVersionUID = 1;

        int status() {
            return 500;
        }
    }

    private final Model overloaded = prompt -> {
        throw new ModelException();
    };
    private final Model model = prompt -> "plan for " + prompt;
    private final Planner cached = () -> "yesterday's plan";
    private final Planner target = () -> "a plan";
    private final String prompt = "a trip";

    @Test
    void tenLines() {
        // tag::readme[]
        var circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.recommended())
                .classifier(FailureClassifier.standard()
                        .status(ModelException.class, e -> e.status())) // HTTP clients need none
                .build();
        Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");

        String plan = planner.call(() -> model.chat(prompt)); // throws CircuitOpenException while open
        String safe = planner.withFallback(open -> cached.plan()).call(() -> model.chat(prompt));
        CompletionStage<String> later = planner.callAsync(() -> model.chatAsync(prompt));
        try (Permit permit = planner.acquire()) {
            permit.settle(use(model.chat(prompt)) ? Outcome.success() : Outcome.failure(FailureKind.MALFORMED_OUTPUT));
        }
        Planner guarded = planner.proxy(Planner.class, target); // every method guarded
        // end::readme[]
        assertThat(plan).isEqualTo(safe).isEqualTo("plan for a trip");
        assertThat(later).isCompletedWithValue(plan);
        assertThat(guarded.plan()).isEqualTo("a plan");
        assertThat(circuits.snapshot(planner.id()).figures().calls()).isEqualTo(5);

        for (int call = 0; call < 3; call++) {
            assertThatThrownBy(() -> planner.call(() -> overloaded.chat(prompt)))
                    .isInstanceOf(ModelException.class);
        }
        assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2")).state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuits.snapshot(planner.id()).state()).isEqualTo(CircuitState.CLOSED);
        assertThat(circuits.snapshot(planner.id()).figures().failures()).isZero();
        assertThat(planner.withFallback(open -> cached.plan()).call(() -> overloaded.chat(prompt)))
                .isEqualTo("yesterday's plan");
        circuits.close();
    }

    private static boolean use(String plan) {
        return !plan.isEmpty();
    }
}
