package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose failure a tool's is, where the call depends on a model and keys as well. */
class ToolFailuresTest {
    private static final CircuitId TOOL = CircuitId.of("tool:search");

    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits
            .guard("planner")
            .dependingOn("model:kimi-k2", "key:openai", "key:search", TOOL.name(), "tool:other");

    private static FailureClassifier always(Outcome outcome) {
        return new FailureClassifier() {
            @Override
            public Outcome ofException(Throwable thrown) {
                return outcome;
            }

            @Override
            public Outcome ofResult(Object result) {
                return outcome;
            }
        };
    }

    private CircuitId attributed(Outcome said) {
        FailureClassifier judging = always(said).forTool(TOOL.name());
        Outcome outcome = judging.ofException(new IllegalStateException());
        assertThat(judging.ofResult("")).isEqualTo(outcome);
        return guard.attributedTo(outcome);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"MALFORMED_OUTPUT", "LOOP", "BUDGET", "CANCELLED", "DOWNSTREAM_OPEN"},
            mode = EnumSource.Mode.EXCLUDE)
    void what_a_tool_fails_with_is_its_own(FailureKind kind) {
        assertThat(attributed(Outcome.failure(kind))).isEqualTo(TOOL);
    }

    @Test
    void what_the_model_wrote_and_how_often_it_asks_is_the_agents() {
        assertThat(attributed(Outcome.failure(FailureKind.MALFORMED_OUTPUT))).isEqualTo(guard.id());
        assertThat(attributed(Outcome.failure(FailureKind.LOOP))).isEqualTo(guard.id());
        assertThat(attributed(Outcome.failure(FailureKind.BUDGET))).isEqualTo(guard.id());
    }

    @Test
    void successes_cancelled_calls_and_refusals_are_nobodys() {
        assertThat(attributed(Outcome.success())).isNull();
        assertThat(attributed(Outcome.cancelled())).isNull();
        assertThat(attributed(Outcome.failure(FailureKind.DOWNSTREAM_OPEN))).isNull();
    }

    @Test
    void a_failure_that_names_somebody_else_stays_with_that_one() {
        assertThat(attributed(Outcome.failure(FailureKind.AUTHENTICATION).attributedTo("key:search")))
                .isEqualTo(CircuitId.of("key:search"));
    }

    @Test
    void what_is_not_known_is_a_failure_of_the_tool_that_keeps_its_wait_and_its_duration() {
        Outcome said = Outcome.failure(FailureKind.ERROR)
                .retryAfter(Duration.ofSeconds(7))
                .took(Duration.ofSeconds(3));

        assertThat(always(said).forTool(TOOL.name()).ofResult(""))
                .isEqualTo(Outcome.failure(FailureKind.TOOL_ERROR)
                        .retryAfter(Duration.ofSeconds(7))
                        .took(Duration.ofSeconds(3))
                        .attributedTo(TOOL.name()));
    }

    @Test
    void a_tool_needs_a_circuit() {
        assertThatThrownBy(() -> FailureClassifier.standard().forTool(null))
                .hasMessage("A tool needs the name of its circuit, such as tool:search");
    }
}
