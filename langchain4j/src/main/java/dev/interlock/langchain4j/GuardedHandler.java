package dev.interlock.langchain4j;

import dev.interlock.CountedCall;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.StreamPermit;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Between a model and a handler: hands pieces on while the stream has not ended, and exactly one end.
 *
 * <p>Every method of the interface is overridden, since a default one would call another of this object and lose the handle
 * that cancels the stream.
 */
final class GuardedHandler implements StreamingChatResponseHandler {
    private final StreamPermit permit;
    private final StreamingChatResponseHandler handler;
    private final ModelOutcomes outcomes;
    private final boolean isReasonNeeded;
    private final @Nullable CountedCall counted;

    /** Passes the end that it is given on, or has another attempt begin. */
    private final Consumer<Runnable> ending;

    /** That of the last piece; a stream has one, as a rule. */
    private @Nullable Handle last;

    GuardedHandler(
            StreamPermit permit,
            StreamingChatResponseHandler handler,
            ModelOutcomes outcomes,
            boolean isReasonNeeded,
            @Nullable CountedCall counted,
            Consumer<Runnable> ending) {
        this.permit = permit;
        this.handler = handler;
        this.outcomes = outcomes;
        this.isReasonNeeded = isReasonNeeded;
        this.counted = counted;
        this.ending = ending;
        permit.onTimeout(late -> {
            count(Outcome.failure(FailureKind.TIMEOUT), null);
            ending.accept(() -> handler.onError(late));
        });
    }

    @Override
    public void onPartialResponse(String piece) {
        hand(() -> handler.onPartialResponse(piece));
    }

    @Override
    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
        PartialResponseContext own = new PartialResponseContext(handle(context.streamingHandle()));
        hand(() -> handler.onPartialResponse(piece, own));
    }

    @Override
    public void onPartialThinking(PartialThinking piece) {
        hand(() -> handler.onPartialThinking(piece));
    }

    @Override
    public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
        PartialThinkingContext own = new PartialThinkingContext(handle(context.streamingHandle()));
        hand(() -> handler.onPartialThinking(piece, own));
    }

    @Override
    public void onPartialToolCall(PartialToolCall piece) {
        hand(() -> handler.onPartialToolCall(piece));
    }

    @Override
    public void onPartialToolCall(PartialToolCall piece, PartialToolCallContext context) {
        PartialToolCallContext own = new PartialToolCallContext(handle(context.streamingHandle()));
        hand(() -> handler.onPartialToolCall(piece, own));
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall piece) {
        hand(() -> handler.onCompleteToolCall(piece));
    }

    /** No piece: providers send such events also while their model stalls. */
    @Override
    public void onUnmappedRawEvent(Object event) {
        if (!permit.isEnded()) {
            consume(() -> handler.onUnmappedRawEvent(event));
        }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
        Outcome outcome = outcomes.ofStream(response, isReasonNeeded);
        if (permit.complete(outcome)) {
            count(outcome, response);
            ending.accept(() -> handler.onCompleteResponse(response));
        }
    }

    @Override
    public void onError(Throwable thrown) {
        if (permit.fail(thrown)) {
            if (counted != null) {
                counted.fail(thrown);
            }
            if (thrown instanceof Error) { // nothing that would pass
                handler.onError(thrown);
            } else {
                ending.accept(() -> handler.onError(thrown));
            }
        }
    }

    private void count(Outcome outcome, @Nullable ChatResponse response) {
        if (counted != null) {
            AnswerUsage used = AnswerUsage.of(response);
            counted.end(outcome, used.input(), used.output(), used.cached());
        }
    }

    private Handle handle(StreamingHandle source) {
        Handle known = last;
        if (known == null || known.source != source) {
            known = new Handle(source);
            last = known;
            permit.cancelWith(source::cancel);
        }
        return known;
    }

    private void hand(Runnable consumer) {
        if (permit.next()) {
            consume(consumer);
        }
    }

    private void consume(Runnable consumer) {
        try {
            consumer.run();
        } catch (Throwable thrown) {
            if (permit.consumerFailed(thrown)) {
                count(Outcome.failure(FailureKind.ERROR), null);
                handler.onError(thrown);
            }
            if (thrown instanceof Error error) {
                throw error;
            }
        }
    }

    /** Cancels the stream for the permit as well. */
    private final class Handle implements StreamingHandle {
        private final StreamingHandle source;

        Handle(StreamingHandle source) {
            this.source = source;
        }

        @Override
        public void cancel() {
            if (permit.cancel()) {
                count(Outcome.cancelled(), null);
            }
            source.cancel();
        }

        @Override
        public boolean isCancelled() {
            return source.isCancelled();
        }
    }
}
