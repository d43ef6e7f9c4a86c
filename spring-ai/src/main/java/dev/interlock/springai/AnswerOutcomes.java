package dev.interlock.springai;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.model.ChatResponse;

/**
 * What exceptions and answers of a client mean: as the guard's own classifier says, and where that sees nothing wrong, by what
 * the answer holds and why it ended.
 */
final class AnswerOutcomes implements FailureClassifier {
    private final FailureClassifier own;
    private final boolean isModel;

    private AnswerOutcomes(FailureClassifier own, boolean isModel) {
        this.own = own;
        this.isModel = isModel;
    }

    static AnswerOutcomes ofAgent(FailureClassifier own) {
        return new AnswerOutcomes(own, false);
    }

    static AnswerOutcomes ofModel(FailureClassifier own) {
        return new AnswerOutcomes(own, true);
    }

    /** JSON that cannot be read below a model is the provider's: what the model wrote is read above it. */
    @Override
    public Outcome ofException(Throwable thrown) {
        Outcome outcome = own.ofException(thrown);
        return isModel && outcome.kind() == FailureKind.MALFORMED_OUTPUT
                ? waiting(Outcome.failure(FailureKind.SERVER_ERROR), outcome.retryAfter())
                : outcome;
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        Outcome outcome = own.ofResult(result);
        return outcome.isSuccess() && result instanceof ChatClientResponse response
                ? ofAnswer(response.chatResponse())
                : outcome;
    }

    private static Outcome ofAnswer(@Nullable ChatResponse response) {
        return AnswerContent.isThere(response) ? ofReason(response) : ofEmpty(AnswerContent.isFiltered(response));
    }

    /** Of an answer that has content. */
    private static Outcome ofReason(@Nullable ChatResponse response) {
        return AnswerContent.isOverLimit(response) ? Outcome.failure(FailureKind.LOOP) : Outcome.success();
    }

    /** Of an answer without content. */
    static Outcome ofEmpty(boolean isFiltered) {
        return Outcome.failure(isFiltered ? FailureKind.CONTENT_FILTERED : FailureKind.EMPTY_RESPONSE);
    }

    private static Outcome waiting(Outcome outcome, @Nullable Duration wait) {
        return wait == null ? outcome : outcome.retryAfter(wait);
    }
}
