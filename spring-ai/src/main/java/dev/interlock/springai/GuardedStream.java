package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import dev.interlock.TooManyCircuitsException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.ContextView;

/**
 * A stream with a permit for each subscription. What is subscribed to within it finds that permit in Reactor's context, on
 * whatever thread: the rounds of an agent run on other threads than its first.
 */
final class GuardedStream {
    /** Of the permit within which something is subscribed to. */
    static final Object PARENT = StreamPermit.class;

    private GuardedStream() {}

    static Flux<ChatClientResponse> of(
            Guard guard, StreamLimits limits, Supplier<Flux<ChatClientResponse>> next, Supplier<StreamAnswer> answer) {
        return Flux.deferContextual(context -> {
            StreamPermit permit;
            try {
                permit = permit(guard, limits, context);
            } catch (CircuitOpenException | TooManyCircuitsException refused) {
                return Flux.error(refused);
            }
            return new FluxOperator<ChatClientResponse, ChatClientResponse>(Flux.defer(next)) {
                @Override
                public void subscribe(CoreSubscriber<? super ChatClientResponse> actual) {
                    source.subscribe(new GuardedPieces(Operators.serialize(actual), permit, answer.get()));
                }
            };
        });
    }

    private static StreamPermit permit(Guard guard, StreamLimits limits, ContextView context) {
        StreamPermit parent = enclosing(context);
        return parent == null ? guard.stream(limits) : parent.supply(() -> guard.stream(limits));
    }

    /** The permit within which something is subscribed to, or a tool is called; null for none. */
    static @Nullable StreamPermit enclosing(ContextView context) {
        return context.hasKey(PARENT) ? context.<StreamPermit>get(PARENT) : null;
    }
}
