package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import dev.interlock.CountedCall;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Retry;
import dev.interlock.RetryGuard;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import dev.interlock.UsageListener;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.core.Ordered;
import reactor.core.publisher.Flux;
import reactor.util.context.ContextView;

/**
 * Guards each call of a model, those included that the tools of an agent or a validation of its output make.
 *
 * <pre>{@code
 * ChatClient client = ChatClient.builder(model)
 *         .defaultAdvisors(
 *                 GuardedAgentAdvisor.of(circuits.guard("planner")),
 *                 GuardedModelAdvisor.of(circuits.guard("planner").dependingOn("model:gpt-5")))
 *         .build();
 * }</pre>
 *
 * <p>Its place is the last, next to the model. Give the model no retries of its own: {@link ModelWarnings} says which has
 * some, and {@link #withRetry} asks for a permit each time. What comes back empty is {@link FailureKind#EMPTY_RESPONSE} or
 * {@link FailureKind#CONTENT_FILTERED}, and is still answered. Immutable; safe for use by any thread if the model is.
 */
public final class GuardedModelAdvisor implements CallAdvisor, StreamAdvisor {
    /** Behind the validation of output, which is at 2000 below the lowest precedence; the model itself is the lowest. */
    public static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 100;

    /** 2 min to the first piece, 1 min between pieces, 30 min in all. */
    public static final StreamLimits DEFAULT_LIMITS = StreamLimits.none()
            .firstPiece(Duration.ofMinutes(2))
            .betweenPieces(Duration.ofMinutes(1))
            .total(Duration.ofMinutes(30));

    /** What can be chosen. */
    private record Settings(
            StreamLimits limits,
            boolean isReasonNeeded,
            @Nullable Consumer<? super Usage> usage,
            @Nullable UsageListener counter,
            int order) {}

    /** Asked with each call. */
    private final String name;

    private final Guard guard;
    private final AnswerOutcomes outcomes;
    private final @Nullable RetryGuard attempts;
    private final Settings settings;

    private GuardedModelAdvisor(
            Guard guard, AnswerOutcomes outcomes, @Nullable RetryGuard attempts, Settings settings) {
        this.name = "Interlock, model of " + guard.id().name();
        this.guard = guard;
        this.outcomes = outcomes;
        this.attempts = attempts;
        this.settings = settings;
    }

    /**
     * Guards the model of a client, with {@link #DEFAULT_LIMITS} for its streams.
     *
     * @param guard of the agent, depending on the model's circuit and on those of its key
     * @return an advisor at {@link #DEFAULT_ORDER}
     */
    public static GuardedModelAdvisor of(Guard guard) {
        UsageListener usage = CountedCall.listenerOf(guard);
        Guard own = usage == null ? guard : guard.countedBy(null); // counted here, with its tokens
        AnswerOutcomes outcomes = AnswerOutcomes.ofModel(guard.classifier());
        return new GuardedModelAdvisor(
                own.withClassifier(outcomes),
                outcomes,
                null,
                new Settings(DEFAULT_LIMITS, true, null, usage, DEFAULT_ORDER));
    }

    /**
     * This advisor with retries of calls, and none of streams: each asks for a permit of its own, and waits as the provider
     * asks it to.
     *
     * @param retry how often and how soon
     * @return another advisor
     */
    public GuardedModelAdvisor withRetry(Retry retry) {
        return new GuardedModelAdvisor(guard, outcomes, guard.withRetry(retry), settings);
    }

    /**
     * This advisor with other limits for streams.
     *
     * @param limits without one between pieces a provider that stalls is noticed by the limit in all only
     * @return another advisor
     */
    public GuardedModelAdvisor withLimits(StreamLimits limits) {
        Objects.requireNonNull(limits, "A model needs limits; StreamLimits.none() are some");
        return with(new Settings(limits, settings.isReasonNeeded, settings.usage, settings.counter, settings.order));
    }

    /**
     * This advisor, for a provider that never says why an answer ended. Otherwise a stream without a finish reason counts as
     * cut off, {@link FailureKind#CONNECTION}, though it is handed on.
     *
     * @return another advisor
     */
    public GuardedModelAdvisor withoutFinishReasons() {
        return with(new Settings(settings.limits, false, settings.usage, settings.counter, settings.order));
    }

    /**
     * This advisor with somebody who hears what each call of the model used. Outside of an agent's tools Spring AI adds the
     * rounds up: listening there as well would count them twice.
     *
     * @param listener called once a call that reports usage, on the thread that ended it; what it throws is reported to the
     *     thread's handler and changes nothing
     * @return another advisor
     */
    public GuardedModelAdvisor withUsage(Consumer<? super Usage> listener) {
        Objects.requireNonNull(listener, "Somebody must hear of the usage");
        return with(new Settings(settings.limits, settings.isReasonNeeded, listener, settings.counter, settings.order));
    }

    /**
     * This advisor with somebody who counts what each call of the model uses, such as {@code budgets.meter()} or {@code
     * log.usage()}: once a round of an agent and an attempt of a retry, also if it fails, and never if it is refused. A
     * stream counts when it ends, with what its pieces said until then.
     *
     * @param listener hears of each call; may be the same for many advisors
     * @return another advisor
     */
    public GuardedModelAdvisor countedBy(UsageListener listener) {
        Objects.requireNonNull(listener, "Somebody must hear of the usage");
        return with(new Settings(settings.limits, settings.isReasonNeeded, settings.usage, listener, settings.order));
    }

    /**
     * This advisor at another place.
     *
     * @param order smaller ones come first
     * @return another advisor
     */
    public GuardedModelAdvisor withOrder(int order) {
        return with(new Settings(settings.limits, settings.isReasonNeeded, settings.usage, settings.counter, order));
    }

    private GuardedModelAdvisor with(Settings other) {
        return new GuardedModelAdvisor(guard, outcomes, attempts, other);
    }

    /**
     * Calls the model.
     *
     * @throws CircuitOpenException if a circuit refuses; the model was not called
     */
    @Override
    public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
        return attempts == null
                ? guard.call(() -> ask(chain, request))
                // A chain can be asked for what is next once only.
                : attempts.call(() -> ask(chain.copy(this), request));
    }

    private ChatClientResponse ask(CallAdvisorChain chain, ChatClientRequest request) {
        UsageListener counter = settings.counter;
        if (counter == null) {
            return noted(chain.nextCall(request));
        }
        CountedCall call = CountedCall.begin(guard, counter);
        try {
            ChatClientResponse response = call.within(() -> noted(chain.nextCall(request)));
            TokenUsage used = TokenUsage.of(response.chatResponse());
            call.answer(response, used.input(), used.output(), used.cached());
            return response;
        } catch (Throwable thrown) {
            call.fail(thrown);
            throw thrown;
        }
    }

    /** Calls the model with each subscription; a {@link CircuitOpenException} ends the stream. */
    @Override
    public Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
        return GuardedStream.of(
                guard,
                settings.limits,
                () -> chain.nextStream(request),
                context -> new StreamAnswer(outcomes, settings.isReasonNeeded, settings.usage, counted(context)));
    }

    private @Nullable CountedCall counted(ContextView context) {
        UsageListener counter = settings.counter;
        if (counter == null) {
            return null;
        }
        StreamPermit parent = GuardedStream.enclosing(context);
        CountedCall enclosing = GuardedStream.counted(context);
        return parent == null
                ? CountedCall.begin(guard, counter, enclosing)
                : parent.supply(() -> CountedCall.begin(guard, counter, enclosing));
    }

    private ChatClientResponse noted(ChatClientResponse response) {
        Consumer<? super Usage> listener = settings.usage;
        if (listener != null) {
            TokenUsage.report(response.chatResponse(), listener);
        }
        return response;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public int getOrder() {
        return settings.order;
    }

    @Override
    public String toString() {
        return "GuardedModelAdvisor[" + guard + "]";
    }
}
