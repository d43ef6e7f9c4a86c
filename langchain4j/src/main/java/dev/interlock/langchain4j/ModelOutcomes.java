package dev.interlock.langchain4j;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What exceptions and answers of a model mean: as the guard's own classifier says, and where that sees nothing wrong, by what
 * the answer holds and why it ended.
 */
final class ModelOutcomes implements FailureClassifier {
    private final FailureClassifier own;

    ModelOutcomes(FailureClassifier own) {
        this.own = own;
    }

    /** JSON that cannot be read below a model is the provider's: what the model wrote is read above it. */
    @Override
    public Outcome ofException(Throwable thrown) {
        Outcome outcome = own.ofException(thrown);
        return outcome.kind() == FailureKind.MALFORMED_OUTPUT
                ? waiting(Outcome.failure(FailureKind.SERVER_ERROR), outcome.retryAfter())
                : outcome;
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        Outcome outcome = own.ofResult(result);
        return outcome.isSuccess() && result instanceof ChatResponse response ? ofAnswer(response) : outcome;
    }

    /** What a stream ended with: as an answer, but one that has text and no reason for its end was cut off. */
    Outcome ofStream(@Nullable ChatResponse response, boolean isReasonNeeded) {
        Outcome outcome = ofResult(response);
        boolean isCut = outcome.isSuccess()
                && isReasonNeeded
                && (response == null || response.metadata() == null || response.finishReason() == null);
        return isCut ? Outcome.failure(FailureKind.CONNECTION) : outcome;
    }

    private static Outcome ofAnswer(ChatResponse response) {
        if (hasContent(response.aiMessage())) {
            return Outcome.success();
        }
        FinishReason reason = response.metadata() == null ? null : response.finishReason();
        return Outcome.failure(
                reason == FinishReason.CONTENT_FILTER ? FailureKind.CONTENT_FILTERED : FailureKind.EMPTY_RESPONSE);
    }

    private static boolean hasContent(@Nullable AiMessage message) {
        return message != null
                && (hasText(message.text())
                        || hasText(message.thinking())
                        || message.hasToolExecutionRequests()
                        || !message.images().isEmpty());
    }

    private static boolean hasText(@Nullable String text) {
        return text != null && !text.isEmpty();
    }

    private static Outcome waiting(Outcome outcome, @Nullable Duration wait) {
        return wait == null ? outcome : outcome.retryAfter(wait);
    }
}
