package dev.interlock.spring;

import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import dev.interlock.TooManyCircuitsException;
import java.util.concurrent.TimeoutException;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Guards what Reactor's methods return. Each subscription asks for a permit of its own and settles it once: by completion,
 * by an error, or as cancelled.
 */
final class ReactiveCalls {
    private ReactiveCalls() {}

    static Mono<?> mono(GuardedMethod method, Guard guard, Attempt attempt, MethodInvocation invocation) {
        Mono<Object> source = Mono.from(source(attempt));
        return Mono.defer(() -> {
            StreamPermit permit;
            try {
                permit = guard.stream(StreamLimits.none());
            } catch (CircuitOpenException | TooManyCircuitsException refused) {
                return Mono.from(answer(method, invocation, refused, true));
            }
            Mono<Object> guarded = limited(Mono.fromDirect(within(permit, source)), method)
                    .doOnSuccess(value -> permit.complete(guard.classifier().ofResult(value)))
                    .doOnError(permit::fail)
                    .doOnCancel(permit::cancel);
            return guarded.onErrorResume(
                    thrown -> method.fallbacks.answers(thrown, false),
                    thrown -> Mono.from(answer(method, invocation, thrown, false)));
        });
    }

    static Flux<?> flux(GuardedMethod method, Guard guard, Attempt attempt, MethodInvocation invocation) {
        Flux<Object> source = Flux.from(source(attempt));
        return Flux.defer(() -> {
            StreamPermit permit;
            try {
                permit = guard.stream(StreamLimits.none());
            } catch (CircuitOpenException | TooManyCircuitsException refused) {
                return answer(method, invocation, refused, true);
            }
            return pieces(method, invocation, Flux.from(within(permit, source)), permit);
        });
    }

    private static Flux<Object> pieces(
            GuardedMethod method, MethodInvocation invocation, Flux<Object> source, StreamPermit permit) {
        Flux<Object> limited = method.timeout == null
                ? source
                : source.takeUntilOther(Mono.delay(method.timeout)
                        .flatMap(passed -> Mono.error(new TimeoutException("No end within " + method.timeout))));
        return limited.doOnNext(piece -> permit.next())
                .doOnComplete(permit::complete)
                .doOnError(permit::fail)
                .doOnCancel(permit::cancel)
                .onErrorResume(
                        thrown -> !permit.hasPieces() && method.fallbacks.answers(thrown, false),
                        thrown -> answer(method, invocation, thrown, false));
    }

    /** What is called on the subscriber's thread is called within this call. */
    private static Publisher<Object> within(StreamPermit permit, Publisher<Object> source) {
        return subscriber -> permit.<Boolean, RuntimeException>supply(() -> {
            source.subscribe(subscriber);
            return true;
        });
    }

    private static Mono<Object> limited(Mono<Object> source, GuardedMethod method) {
        return method.timeout == null ? source : source.timeout(method.timeout);
    }

    /** What the method returned; what it threw instead ends each subscription, and so is counted. */
    private static Publisher<Object> source(Attempt attempt) {
        try {
            return publisher(attempt.begin());
        } catch (Exception thrown) {
            return Mono.error(thrown);
        }
    }

    private static Publisher<Object> answer(
            GuardedMethod method, MethodInvocation invocation, Throwable thrown, boolean refused) {
        try {
            return publisher(method.fallbacks.answer(invocation.getThis(), invocation.getArguments(), thrown, refused));
        } catch (Throwable failed) {
            return Mono.error(failed);
        }
    }

    @SuppressWarnings("unchecked")
    private static Publisher<Object> publisher(@Nullable Object returned) {
        if (returned == null) {
            throw new NullPointerException("A method that returns a publisher returned null");
        }
        return (Publisher<Object>) returned;
    }
}
