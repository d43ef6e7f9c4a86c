package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.FailureClassifier;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A classifier that threw an error, such as NoClassDefFoundError, took the call's own result or exception away, left the
 * permit unsettled and the stage of an async call for ever incomplete.
 */
class ClassifierThrowsErrorTest {
    private static final FailureClassifier BROKEN = new FailureClassifier() {
        @Override
        public Outcome ofException(Throwable thrown) {
            throw new NoClassDefFoundError("com/example/ModelException");
        }

        @Override
        public Outcome ofResult(@Nullable Object result) {
            throw new NoClassDefFoundError("com/example/ModelAnswer");
        }
    };

    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent").withClassifier(BROKEN);

    @Test
    void the_result_still_reaches_the_caller() {
        assertThat(guard.<String, RuntimeException>call(() -> "plan")).isEqualTo("plan");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void the_exception_still_reaches_the_caller() {
        assertThatThrownBy(() -> guard.call(() -> {
                    throw new IOException("no route");
                }))
                .isInstanceOf(IOException.class);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void an_async_call_still_completes() {
        CompletableFuture<String> model = new CompletableFuture<>();
        CompletableFuture<String> plan = guard.callAsync(() -> model);

        model.complete("plan");

        assertThat(plan).isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 1);
    }
}
