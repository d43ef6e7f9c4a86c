package dev.interlock.langchain4j;

import dev.interlock.CircuitOpenException;
import dev.interlock.CountedCall;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Retry;
import dev.interlock.RetryGuard;
import dev.interlock.UsageListener;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model; each call of it is guarded.
 *
 * <pre>{@code
 * ChatModel model = GuardedChatModel.of(
 *         OpenAiChatModel.builder().modelName("gpt-5").maxRetries(0).build(),
 *         circuits.guard("planner").dependingOn("model:gpt-5"));
 * }</pre>
 *
 * <p>Give the model no retries of its own, {@code maxRetries(0)}: by default LangChain4j asks a failing provider three
 * times for each call, whatever that says about waiting, and the guard sees one call; a warning says so. {@link #withRetry}
 * asks for a permit each time. What comes back empty is {@link FailureKind#EMPTY_RESPONSE} or
 * {@link FailureKind#CONTENT_FILTERED}, and is still answered. Immutable; safe for use by any thread if the model is.
 */
public final class GuardedChatModel implements ChatModel {
    static {
        LeastRelease.require();
    }

    private final ChatModel model;
    private final Guard guard;
    private final @Nullable RetryGuard attempts;
    private final @Nullable UsageListener usage;

    private GuardedChatModel(
            ChatModel model, Guard guard, @Nullable RetryGuard attempts, @Nullable UsageListener usage) {
        this.model = model;
        this.guard = guard;
        this.attempts = attempts;
        this.usage = usage;
    }

    /**
     * Guards a model.
     *
     * @param model what is called
     * @param guard of the agent, depending on the model's circuit and on those of its key
     * @return a model that throws {@link CircuitOpenException} for calls that are refused
     * @throws IllegalStateException if LangChain4j is older than 1.13
     */
    public static GuardedChatModel of(ChatModel model, Guard guard) {
        Objects.requireNonNull(model, "There must be a model to guard");
        HiddenRetries.warn(model);
        UsageListener usage = CountedCall.listenerOf(guard);
        Guard own = usage == null ? guard : guard.countedBy(null); // counted here, with its tokens
        Guard judging = own.withClassifier(new ModelOutcomes(guard.classifier()));
        return new GuardedChatModel(model, judging, null, usage);
    }

    /**
     * This model with retries: each asks for a permit of its own, and waits as the provider asks it to.
     *
     * @param retry how often and how soon
     * @return another model
     */
    public GuardedChatModel withRetry(Retry retry) {
        return new GuardedChatModel(model, guard, guard.withRetry(retry), usage);
    }

    /**
     * This model with somebody who counts what each call uses, such as {@code budgets.meter()} or {@code log.usage()}: once
     * an attempt, also if it fails, and never if it is refused.
     *
     * @param listener hears of each call; may be the same for many models
     * @return another model
     */
    public GuardedChatModel countedBy(UsageListener listener) {
        Objects.requireNonNull(listener, "Somebody must hear of the usage");
        return new GuardedChatModel(model, guard, attempts, listener);
    }

    /**
     * Calls the model.
     *
     * @throws CircuitOpenException if a circuit refuses; the model was not called
     */
    @Override
    public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
        return attempts == null ? guard.call(() -> ask(request, options)) : attempts.call(() -> ask(request, options));
    }

    private ChatResponse ask(ChatRequest request, ChatRequestOptions options) {
        if (usage == null) {
            return model.chat(request, options);
        }
        CountedCall call = CountedCall.begin(guard, usage);
        try {
            ChatResponse response = call.within(() -> model.chat(request, options));
            AnswerUsage used = AnswerUsage.of(response);
            call.answer(response, used.input(), used.output(), used.cached());
            return response;
        } catch (Throwable thrown) {
            call.fail(thrown);
            throw thrown;
        }
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return model.defaultRequestParameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return model.listeners();
    }

    @Override
    public ModelProvider provider() {
        return model.provider();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return model.supportedCapabilities();
    }

    /** Says what failures of this model are. */
    FailureClassifier classifier() {
        return guard.classifier();
    }

    @Override
    public String toString() {
        return "GuardedChatModel[" + guard + "]";
    }
}
