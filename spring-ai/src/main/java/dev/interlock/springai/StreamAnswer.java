package dev.interlock.springai;

import dev.interlock.CountedCall;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;

/** What the pieces of one stream came to. Pieces come from one thread at a time. */
final class StreamAnswer {
    private final AnswerOutcomes outcomes;
    private final boolean isReasonNeeded;
    private final @Nullable Consumer<? super Usage> listener;
    private final @Nullable CountedCall counted;

    private boolean hasContent;
    private boolean hasReason;
    private boolean isFiltered;
    private Outcome ofPieces = Outcome.success();

    /** Also read by a thread that cancels. */
    private volatile @Nullable ChatResponse lastUsage;

    StreamAnswer(AnswerOutcomes outcomes, boolean isReasonNeeded) {
        this(outcomes, isReasonNeeded, null, null);
    }

    StreamAnswer(
            AnswerOutcomes outcomes,
            boolean isReasonNeeded,
            @Nullable Consumer<? super Usage> listener,
            @Nullable CountedCall counted) {
        this.outcomes = outcomes;
        this.isReasonNeeded = isReasonNeeded;
        this.listener = listener;
        this.counted = counted;
    }

    /** The call of a model that this is, if somebody counts it. */
    @Nullable
    CountedCall counted() {
        return counted;
    }

    /** Takes a piece in. */
    void take(ChatClientResponse piece) {
        ChatResponse response = piece.chatResponse();
        if (AnswerContent.isThere(response)) {
            hasContent = true;
            Outcome outcome = outcomes.ofResult(piece);
            ofPieces = outcome.isSuccess() ? ofPieces : outcome;
        }
        hasReason |= AnswerContent.hasReason(response);
        isFiltered |= AnswerContent.isFiltered(response);
        if (TokenUsage.said(response) != null) {
            lastUsage = response;
        }
    }

    /** How a stream ended whose pieces have all come. One that has text and no reason for its end was cut off. */
    Outcome outcome() {
        if (!hasContent) {
            return AnswerOutcomes.ofEmpty(isFiltered);
        }
        return ofPieces.isSuccess() && isReasonNeeded && !hasReason
                ? Outcome.failure(FailureKind.CONNECTION)
                : ofPieces;
    }

    /** The stream has ended; called once. Reports what was used as far as the pieces say: the last one that does says all. */
    void ended(Outcome outcome) {
        report();
        if (counted != null) {
            TokenUsage used = TokenUsage.of(lastUsage);
            counted.end(outcome, used.input(), used.output(), used.cached());
        }
    }

    /** The stream has failed; called once, in place of {@link #ended}. */
    void failed(Throwable thrown) {
        report();
        if (counted != null) {
            TokenUsage used = TokenUsage.of(lastUsage);
            counted.fail(thrown, used.input(), used.output(), used.cached());
        }
    }

    private void report() {
        if (listener != null) {
            TokenUsage.report(lastUsage, listener);
        }
    }
}
