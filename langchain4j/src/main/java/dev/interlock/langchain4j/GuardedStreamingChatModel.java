package dev.interlock.langchain4j;

import dev.interlock.CircuitOpenException;
import dev.interlock.CountedCall;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Retry;
import dev.interlock.RetryGuard;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import dev.interlock.UsageListener;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that answers in pieces; each call is guarded until it ends.
 *
 * <p>The handler hears exactly one end. A model reports none when its provider stalls, and two when a connection breaks: the
 * first that comes counts, {@linkplain #withLimits limits} make one where none would come, and nothing follows it. A
 * refusal reaches {@code onError}, and is never thrown. What the handler throws is the agent's failure, not the model's: it
 * cancels the stream, and reaches {@code onError} once.
 *
 * <p>{@link #withRetry} begins again what breaks before its first piece; LangChain4j's own retries are for whole answers only.
 *
 * <p>Immutable; safe for use by any thread if the model is.
 */
public final class GuardedStreamingChatModel implements StreamingChatModel {
    static {
        LeastRelease.require();
    }

    /** 2 min to the first piece, 1 min between pieces, 30 min in all. */
    public static final StreamLimits DEFAULT_LIMITS = StreamLimits.none()
            .firstPiece(Duration.ofMinutes(2))
            .betweenPieces(Duration.ofMinutes(1))
            .total(Duration.ofMinutes(30));

    /** What users set in addition to the guard. */
    private record Settings(
            StreamLimits limits,
            boolean isReasonNeeded,
            @Nullable UsageListener usage) {}

    private final StreamingChatModel model;
    private final Guard guard;
    private final ModelOutcomes outcomes;
    private final @Nullable RetryGuard attempts;
    private final Settings settings;

    private GuardedStreamingChatModel(
            StreamingChatModel model,
            Guard guard,
            ModelOutcomes outcomes,
            @Nullable RetryGuard attempts,
            Settings settings) {
        this.model = model;
        this.guard = guard;
        this.outcomes = outcomes;
        this.attempts = attempts;
        this.settings = settings;
    }

    /**
     * Guards a model, with {@link #DEFAULT_LIMITS}.
     *
     * @param model what is called
     * @param guard of the agent, depending on the model's circuit and on those of its key
     * @return a model whose streams end
     * @throws IllegalStateException if LangChain4j is older than 1.13
     */
    public static GuardedStreamingChatModel of(StreamingChatModel model, Guard guard) {
        Objects.requireNonNull(model, "There must be a model to guard");
        UsageListener usage = CountedCall.listenerOf(guard);
        Guard own = usage == null ? guard : guard.countedBy(null); // counted here, with its tokens
        ModelOutcomes outcomes = new ModelOutcomes(guard.classifier());
        return new GuardedStreamingChatModel(
                model, own.withClassifier(outcomes), outcomes, null, new Settings(DEFAULT_LIMITS, true, usage));
    }

    /**
     * This model with retries: each asks for a permit of its own, and waits as the provider asks it to. None follows a first
     * piece, since somebody may have seen it; a raw event that LangChain4j maps to nothing is no piece. Where the first piece is
     * late, the connection of the earlier attempt stays until the client's own limit.
     *
     * @param retry how often and how soon; further attempts begin on the manager's executor
     * @return another model, with the same limits for each attempt
     */
    public GuardedStreamingChatModel withRetry(Retry retry) {
        return new GuardedStreamingChatModel(model, guard, outcomes, guard.withRetry(retry), settings);
    }

    /**
     * This model with other limits.
     *
     * @param newLimits without one between pieces a provider that stalls is noticed by the limit in all only
     * @return another model
     */
    public GuardedStreamingChatModel withLimits(StreamLimits newLimits) {
        Objects.requireNonNull(newLimits, "A model needs limits; StreamLimits.none() are some");
        return with(new Settings(newLimits, settings.isReasonNeeded, settings.usage));
    }

    /**
     * This model, for a provider that never says why an answer ended. Otherwise an answer without a finish reason counts as
     * cut off, {@link FailureKind#CONNECTION}, though it is handed on.
     *
     * @return another model
     */
    public GuardedStreamingChatModel withoutFinishReasons() {
        return with(new Settings(settings.limits, false, settings.usage));
    }

    /**
     * This model with somebody who counts what each call uses, such as {@code budgets.meter()} or {@code log.usage()}: once
     * an attempt, before the handler hears of its end, and never if it is refused. Providers say the tokens of a stream with
     * its end, so one that is cut, late or cancelled is a call of which nobody knows them.
     *
     * @param listener hears of each call; may be the same for many models
     * @return another model
     */
    public GuardedStreamingChatModel countedBy(UsageListener listener) {
        Objects.requireNonNull(listener, "Somebody must hear of the usage");
        return with(new Settings(settings.limits, settings.isReasonNeeded, listener));
    }

    private GuardedStreamingChatModel with(Settings other) {
        return new GuardedStreamingChatModel(model, guard, outcomes, attempts, other);
    }

    /** Calls the model; a {@link CircuitOpenException} reaches the handler. */
    @Override
    public void chat(ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
        new Question(request, options, handler).ask(1);
    }

    /** One question: as many attempts as it takes, and one end. */
    private final class Question {
        private final ChatRequest request;
        private final ChatRequestOptions options;
        private final StreamingChatResponseHandler handler;

        Question(ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
            this.request = request;
            this.options = options;
            this.handler = handler;
        }

        void ask(int attempt) {
            StreamPermit permit;
            try {
                permit = guard.stream(settings.limits);
            } catch (Throwable refused) { // who waits must hear of it, on whatever thread this is
                handler.onError(refused);
                if (refused instanceof Error error) {
                    throw error;
                }
                return;
            }
            CountedCall counted = settings.usage == null ? null : CountedCall.begin(guard, settings.usage);
            GuardedHandler guarded = new GuardedHandler(
                    permit, handler, outcomes, settings.isReasonNeeded, counted, last -> ended(permit, attempt, last));
            try {
                permit.<Boolean, RuntimeException>supply(() -> counted == null
                        ? asked(guarded)
                        : counted.<Boolean, RuntimeException>within(() -> asked(guarded)));
            } catch (Throwable thrown) {
                guarded.onError(thrown);
                if (thrown instanceof Error error) {
                    throw error;
                }
            }
        }

        private boolean asked(GuardedHandler guarded) {
            model.chat(request, options, guarded);
            return true;
        }

        private void ended(StreamPermit permit, int attempt, Runnable last) {
            if (attempts == null) {
                last.run();
            } else {
                attempts.again(permit, attempt, () -> ask(attempt + 1), last);
            }
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
        return outcomes;
    }

    @Override
    public String toString() {
        return "GuardedStreamingChatModel[" + guard + "]";
    }
}
