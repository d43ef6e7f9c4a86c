package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonMappingException;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import org.junit.jupiter.api.Test;

/**
 * A refusal by a circuit further down, wrapped into an exception that is known by name (as LangChain4j's
 * ToolExecutionException does), counted as that exception's kind: an agent refused by another's open circuit failed.
 */
class WrappedRefusalTest {
    @Test
    void a_refusal_is_recognised_however_it_is_wrapped() {
        CircuitOpenException refusal = new Lab().trip().refusal();
        Throwable wrapped = new RuntimeException(new JsonMappingException(null, "while writing", refusal));

        assertThat(FailureClassifier.standard().ofException(wrapped).kind()).isEqualTo(FailureKind.DOWNSTREAM_OPEN);
    }
}
