package dev.interlock.spring;

import dev.interlock.Guard;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;

/** Guards the calls of annotated methods. Starts no thread: a stage settles where it completes. */
final class GuardedInterceptor implements MethodInterceptor {
    /** Methods that return pieces, as a guard's proxy knows them by their types. */
    interface Pieces {
        @Nullable
        Stream<?> stream(Attempt attempt) throws Exception;

        @Nullable
        Iterator<?> iterator(Attempt attempt) throws Exception;

        Flow.@Nullable Publisher<?> publisher(Attempt attempt) throws Exception;
    }

    private static final Pieces PIECES = new Pieces() {
        @Override
        public @Nullable Stream<?> stream(Attempt attempt) throws Exception {
            return (@Nullable Stream<?>) attempt.begin();
        }

        @Override
        public @Nullable Iterator<?> iterator(Attempt attempt) throws Exception {
            return (@Nullable Iterator<?>) attempt.begin();
        }

        @Override
        public Flow.@Nullable Publisher<?> publisher(Attempt attempt) throws Exception {
            return (Flow.@Nullable Publisher<?>) attempt.begin();
        }
    };

    private final GuardedMethods methods;

    GuardedInterceptor(GuardedMethods methods) {
        this.methods = methods;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = invocation.getThis();
        Class<?> type = target != null
                ? AopUtils.getTargetClass(target)
                : invocation.getMethod().getDeclaringClass();
        GuardedMethod method = methods.of(invocation.getMethod(), type);
        Guard guard = method.guard(target, invocation.getArguments());
        Attempt attempt = new Attempt(invocation);
        return switch (method.shape) {
            case STAGE -> stage(method, guard, attempt, invocation);
            case MONO -> ReactiveCalls.mono(method, guard, attempt, invocation);
            case FLUX -> ReactiveCalls.flux(method, guard, attempt, invocation);
            default -> value(method, guard, attempt, invocation);
        };
    }

    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    private static @Nullable Object value(
            GuardedMethod method, Guard guard, Attempt attempt, MethodInvocation invocation) throws Throwable {
        try {
            return switch (method.shape) {
                case STREAM -> guard.proxy(Pieces.class, PIECES).stream(attempt);
                case ITERATOR -> guard.proxy(Pieces.class, PIECES).iterator(attempt);
                case PUBLISHER -> guard.proxy(Pieces.class, PIECES).publisher(attempt);
                default -> guard.<@Nullable Object, Exception>call(attempt);
            };
        } catch (Throwable thrown) {
            return method.fallbacks.answer(
                    invocation.getThis(), invocation.getArguments(), thrown, attempt.isRefused());
        }
    }

    private static CompletableFuture<@Nullable Object> stage(
            GuardedMethod method, Guard guard, Attempt attempt, MethodInvocation invocation) {
        CompletableFuture<@Nullable Object> guarded = guard.callAsync(() -> asStage(attempt.beginUnchecked()));
        if (method.fallbacks.isEmpty()) {
            return guarded;
        }
        CompletableFuture<@Nullable Object> answered = new CompletableFuture<>();
        answered.whenComplete((value, thrown) -> {
            if (answered.isCancelled()) {
                guarded.cancel(true);
            }
        });
        guarded.whenComplete((value, thrown) -> {
            if (thrown == null) {
                answered.complete(value);
            } else {
                answer(method, attempt, invocation, bare(thrown), answered);
            }
        });
        return answered;
    }

    private static void answer(
            GuardedMethod method,
            Attempt attempt,
            MethodInvocation invocation,
            Throwable thrown,
            CompletableFuture<@Nullable Object> answered) {
        try {
            Object answer = method.fallbacks.answer(
                    invocation.getThis(), invocation.getArguments(), thrown, attempt.isRefused());
            asStage(answer).whenComplete((value, failed) -> {
                if (failed == null) {
                    answered.complete(value);
                } else {
                    answered.completeExceptionally(bare(failed));
                }
            });
        } catch (Throwable failed) {
            answered.completeExceptionally(failed);
        }
    }

    @SuppressWarnings("unchecked")
    private static CompletionStage<@Nullable Object> asStage(@Nullable Object returned) {
        if (returned == null) {
            throw new NullPointerException("A method that returns a stage returned null");
        }
        return (CompletionStage<@Nullable Object>) returned;
    }

    private static Throwable bare(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : null;
        return cause != null ? cause : thrown;
    }
}
