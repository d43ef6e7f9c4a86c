package dev.interlock.langchain4j;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Several models in an order: the first answers, and where its circuit is open, or it fails in a way that another may not,
 * the next.
 *
 * <p>A model whose circuit is open is skipped without a call. A request that names a model by its own name is sent to
 * all of them under that name: leave it out. Immutable and safe for use by any thread.
 */
public final class FallbackChatModel implements ChatModel {
    private final List<GuardedChatModel> models;
    private final Set<FailureKind> kinds;

    private FallbackChatModel(List<GuardedChatModel> models, Set<FailureKind> kinds) {
        this.models = models;
        this.kinds = kinds;
    }

    /**
     * Models in the order in which they are asked. The next is asked after a refusal and after TIMEOUT, CONNECTION,
     * SERVER_ERROR, OVERLOADED, RATE_LIMITED, QUOTA_EXHAUSTED, AUTHENTICATION and MODEL_NOT_FOUND.
     *
     * @param first answers as long as it can
     * @param others answer in its place
     * @return a model that throws what the last one threw, with what the others threw as suppressed
     */
    public static FallbackChatModel of(GuardedChatModel first, GuardedChatModel... others) {
        return new FallbackChatModel(
                Stream.concat(Stream.of(first), Stream.of(others)).toList(), Fallbacks.KINDS);
    }

    /**
     * These models; the next one is asked after other kinds of failures, and always after refusals.
     *
     * @param newKinds may be empty
     * @return another model
     */
    public FallbackChatModel after(Set<FailureKind> newKinds) {
        return new FallbackChatModel(models, Set.copyOf(newKinds));
    }

    /**
     * Asks the models one after the other.
     *
     * @throws CircuitOpenException if the last one's circuit refuses
     */
    @Override
    public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
        RuntimeException last = null;
        for (GuardedChatModel model : models) {
            try {
                return model.chat(request, options);
            } catch (RuntimeException failed) {
                if (last != null) {
                    failed.addSuppressed(last);
                }
                if (!Fallbacks.isNextAsked(failed, model.classifier(), kinds)) {
                    throw failed;
                }
                last = failed;
            }
        }
        throw last == null ? new IllegalStateException("There are no models") : last;
    }

    /** The first one's. */
    @Override
    public ModelProvider provider() {
        return models.get(0).provider();
    }

    /** What all of the models can. */
    @Override
    public Set<Capability> supportedCapabilities() {
        return Fallbacks.common(models, GuardedChatModel::supportedCapabilities);
    }

    @Override
    public String toString() {
        return "FallbackChatModel" + models;
    }
}
