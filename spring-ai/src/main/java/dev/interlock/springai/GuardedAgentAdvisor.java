package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Permit;
import dev.interlock.StreamLimits;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.core.Ordered;
import reactor.core.publisher.Flux;

/**
 * Guards the work of an agent as a whole: one question is one call, however many rounds of models and tools it takes.
 *
 * <p>Its place is before the advisors that ask the model again, and before the memory, which does not keep what was refused.
 * Use it together with a {@link GuardedModelAdvisor}, which guards each round; what fails there counts once. Too many
 * calls of tools in one conversation are {@link FailureKind#LOOP}. Immutable; safe for use by any thread.
 */
public final class GuardedAgentAdvisor implements CallAdvisor, StreamAdvisor {
    /** Before the memory and the tools of Spring AI, which are at 200 and 300 above the highest precedence. */
    public static final int DEFAULT_ORDER = Ordered.HIGHEST_PRECEDENCE + 100;

    /** Asked with each call. */
    private final String name;

    private final Guard guard;
    private final AnswerOutcomes outcomes;
    private final StreamLimits limits;
    private final int order;

    private GuardedAgentAdvisor(Guard guard, AnswerOutcomes outcomes, StreamLimits limits, int order) {
        this.name = "Interlock, agent " + guard.id().name();
        this.guard = guard;
        this.outcomes = outcomes;
        this.limits = limits;
        this.order = order;
    }

    /**
     * Guards an agent, without limits for its streams: its tools may take their time, and its model has limits of its own.
     *
     * @param guard of the agent, which need not depend on anything
     * @return an advisor at {@link #DEFAULT_ORDER}
     */
    public static GuardedAgentAdvisor of(Guard guard) {
        AnswerOutcomes outcomes = AnswerOutcomes.ofAgent(guard.classifier());
        return new GuardedAgentAdvisor(guard.withClassifier(outcomes), outcomes, StreamLimits.none(), DEFAULT_ORDER);
    }

    /**
     * This advisor with limits for streams, the rounds of tools included.
     *
     * @param newLimits for the first piece, between pieces and in all
     * @return another advisor
     */
    public GuardedAgentAdvisor withLimits(StreamLimits newLimits) {
        Objects.requireNonNull(newLimits, "An agent needs limits; StreamLimits.none() are some");
        return new GuardedAgentAdvisor(guard, outcomes, newLimits, order);
    }

    /**
     * This advisor at another place: behind the advisor of the tools it would guard each round.
     *
     * @param newOrder smaller ones come first
     * @return another advisor
     */
    public GuardedAgentAdvisor withOrder(int newOrder) {
        return new GuardedAgentAdvisor(guard, outcomes, limits, newOrder);
    }

    /**
     * Lets the agent work.
     *
     * @throws CircuitOpenException if a circuit refuses; nothing was called
     */
    @Override
    public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
        // By a permit, which hears of the calls within it while its circuit is closed, too: they count once.
        try (Permit permit = guard.acquire()) {
            try {
                ChatClientResponse response = permit.supply(() -> chain.nextCall(request));
                permit.settle(outcomes.ofResult(response));
                return response;
            } catch (Throwable thrown) {
                permit.fail(thrown);
                throw thrown;
            }
        }
    }

    /** Lets the agent work with each subscription; a {@link CircuitOpenException} ends the stream. */
    @Override
    public Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
        return GuardedStream.of(
                guard, limits, () -> chain.nextStream(request), context -> new StreamAnswer(outcomes, false));
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public int getOrder() {
        return order;
    }

    @Override
    public String toString() {
        return "GuardedAgentAdvisor[" + guard + "]";
    }
}
