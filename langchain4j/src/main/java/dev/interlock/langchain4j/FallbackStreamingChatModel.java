package dev.interlock.langchain4j;

import dev.interlock.FailureKind;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * As {@link FallbackChatModel}, for models that answer in pieces: the next is asked only as long as the handler has heard
 * nothing of the one before.
 */
public final class FallbackStreamingChatModel implements StreamingChatModel {
    private final List<GuardedStreamingChatModel> models;
    private final Set<FailureKind> kinds;

    private FallbackStreamingChatModel(List<GuardedStreamingChatModel> models, Set<FailureKind> kinds) {
        this.models = models;
        this.kinds = kinds;
    }

    /**
     * Models in the order in which they are asked; the next after a refusal, and after the same kinds of failures as in
     * {@link FallbackChatModel#of}.
     *
     * @param first answers as long as it can
     * @param others answer in its place
     * @return a model that ends with what the last one ended with
     */
    public static FallbackStreamingChatModel of(GuardedStreamingChatModel first, GuardedStreamingChatModel... others) {
        return new FallbackStreamingChatModel(
                Stream.concat(Stream.of(first), Stream.of(others)).toList(), Fallbacks.KINDS);
    }

    /**
     * These models; the next one is asked after other kinds of failures, and always after refusals.
     *
     * @param newKinds may be empty
     * @return another model
     */
    public FallbackStreamingChatModel after(Set<FailureKind> newKinds) {
        return new FallbackStreamingChatModel(models, Set.copyOf(newKinds));
    }

    @Override
    public void chat(ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
        ask(0, request, options, handler);
    }

    private void ask(int model, ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
        GuardedStreamingChatModel asked = models.get(model);
        boolean isLast = model == models.size() - 1;
        asked.chat(
                request,
                options,
                isLast
                        ? handler
                        : new First(handler) {
                            @Override
                            void onFirst(Throwable thrown) {
                                if (Fallbacks.isNextAsked(thrown, asked.classifier(), kinds)) {
                                    ask(model + 1, request, options, handler);
                                } else {
                                    handler.onError(thrown);
                                }
                            }
                        });
    }

    /** The first one's. */
    @Override
    public ModelProvider provider() {
        return models.get(0).provider();
    }

    /** What all of the models can. */
    @Override
    public Set<Capability> supportedCapabilities() {
        return Fallbacks.common(models, GuardedStreamingChatModel::supportedCapabilities);
    }

    @Override
    public String toString() {
        return "FallbackStreamingChatModel" + models;
    }

    /** Hands everything on but an error before the first piece. */
    private abstract static class First implements StreamingChatResponseHandler {
        private final StreamingChatResponseHandler handler;
        private volatile boolean begun;

        First(StreamingChatResponseHandler handler) {
            this.handler = handler;
        }

        abstract void onFirst(Throwable thrown);

        private StreamingChatResponseHandler begin() {
            begun = true;
            return handler;
        }

        @Override
        public void onPartialResponse(String piece) {
            begin().onPartialResponse(piece);
        }

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            begin().onPartialResponse(piece, context);
        }

        @Override
        public void onPartialThinking(PartialThinking piece) {
            begin().onPartialThinking(piece);
        }

        @Override
        public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
            begin().onPartialThinking(piece, context);
        }

        @Override
        public void onPartialToolCall(PartialToolCall piece) {
            begin().onPartialToolCall(piece);
        }

        @Override
        public void onPartialToolCall(PartialToolCall piece, PartialToolCallContext context) {
            begin().onPartialToolCall(piece, context);
        }

        @Override
        public void onCompleteToolCall(CompleteToolCall piece) {
            begin().onCompleteToolCall(piece);
        }

        @Override
        public void onUnmappedRawEvent(Object event) {
            begin().onUnmappedRawEvent(event);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            begin().onCompleteResponse(response);
        }

        @Override
        public void onError(Throwable thrown) {
            if (begun) {
                handler.onError(thrown);
            } else {
                onFirst(thrown);
            }
        }
    }
}
