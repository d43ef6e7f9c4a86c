package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import dev.interlock.CountedCall;
import dev.interlock.Guard;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import dev.interlock.TooManyCircuitsException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A stream with a permit for each subscription. What is subscribed to within it finds that permit in Reactor's context, on
 * whatever thread: the rounds of an agent run on other threads than its first.
 */
final class GuardedStream {
    /** Of the permit within which something is subscribed to. */
    private static final Object PARENT = StreamPermit.class;

    /** Of the call within which something is subscribed to, if somebody counts it. */
    private static final Object COUNTED = CountedCall.class;

    private GuardedStream() {}

    static Flux<ChatClientResponse> of(
            Guard guard,
            StreamLimits limits,
            Supplier<Flux<ChatClientResponse>> next,
            Function<ContextView, StreamAnswer> answer) {
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
                    source.subscribe(new GuardedPieces(Operators.serialize(actual), permit, answer.apply(context)));
                }
            };
        });
    }

    private static StreamPermit permit(Guard guard, StreamLimits limits, ContextView context) {
        StreamPermit parent = enclosing(context);
        return parent == null ? guard.stream(limits) : parent.supply(() -> guard.stream(limits));
    }

    /** What is subscribed to within a permit finds in its context. */
    static Context within(Context context, StreamPermit permit, @Nullable CountedCall counted) {
        Context own = context.put(PARENT, permit);
        return counted == null ? own : own.put(COUNTED, counted);
    }

    /** The call within which something is subscribed to; null if nobody counts one. */
    static @Nullable CountedCall counted(ContextView context) {
        return context.hasKey(COUNTED) ? context.<CountedCall>get(COUNTED) : null;
    }

    /** The permit within which something is subscribed to, or a tool is called; null for none. */
    static @Nullable StreamPermit enclosing(ContextView context) {
        return context.hasKey(PARENT) ? context.<StreamPermit>get(PARENT) : null;
    }
}
