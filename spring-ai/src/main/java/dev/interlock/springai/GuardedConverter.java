package dev.interlock.springai;

import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import java.time.Duration;
import java.util.Objects;
import org.springframework.ai.converter.StructuredOutputConverter;

/**
 * A converter whose failures count for the agent, as {@link FailureKind#MALFORMED_OUTPUT} where nothing better is known:
 * {@code ChatClient.entity} converts outside of all advisors, after the call has counted as good.
 *
 * <p>A good conversion is no call of its own and counts nothing. So an agent whose answers can never be read is failing in one
 * of two calls: a failure rate opens its circuit, a streak never does. Safe for use by any thread if the converter is.
 *
 * @param <T> what answers are made into
 */
public final class GuardedConverter<T> implements StructuredOutputConverter<T> {
    private final StructuredOutputConverter<T> converter;
    private final Guard agent;

    private GuardedConverter(StructuredOutputConverter<T> converter, Guard agent) {
        this.converter = converter;
        this.agent = agent;
    }

    /**
     * Reports what a converter cannot read.
     *
     * @param converter such as a {@code BeanOutputConverter}
     * @param agent the guard of the agent
     * @param <T> what answers are made into
     * @return a converter that says the same to the model
     */
    public static <T> GuardedConverter<T> of(StructuredOutputConverter<T> converter, Guard agent) {
        Objects.requireNonNull(converter, "There must be a converter to guard");
        return new GuardedConverter<>(converter, agent);
    }

    @Override
    @SuppressWarnings("NullAway") // null where the converter returns it, which Java 17's does not see declared
    public T convert(String text) {
        try {
            return converter.convert(text);
        } catch (RuntimeException thrown) {
            Outcome outcome = agent.classifier().ofException(thrown);
            agent.record(
                    outcome.kind() == FailureKind.ERROR ? Outcome.failure(FailureKind.MALFORMED_OUTPUT) : outcome,
                    Duration.ZERO);
            throw thrown;
        }
    }

    @Override
    public String getFormat() {
        return converter.getFormat();
    }

    @Override
    public String getJsonSchema() {
        return converter.getJsonSchema();
    }

    @Override
    public String toString() {
        return "GuardedConverter[" + converter + ", " + agent + "]";
    }
}
