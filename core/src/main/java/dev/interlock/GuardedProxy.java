package dev.interlock;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Guards every method of an interface but those of {@link Object}.
 *
 * <p>What comes back decides how long a call is guarded, not what the method declares: where its type is a variable, only
 * the answer shows whether the call goes on. A stage is guarded until it completes, what comes in pieces until it ends,
 * everything else while the method runs.
 */
final class GuardedProxy implements InvocationHandler {
    private final Guard guard;
    private final Object target;

    private GuardedProxy(Guard guard, Object target) {
        this.guard = guard;
        this.target = target;
    }

    static <T> T of(Guard guard, Class<T> type, T target) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException("Only an interface can be guarded by a proxy, but " + type.getName()
                    + " is a class; guard its calls with call() instead");
        }
        Objects.requireNonNull(target, "A proxy needs a target that answers the calls");
        for (Method method : type.getMethods()) {
            if (Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            if (!method.trySetAccessible()) { // the interface need not be public, but its module must let us in
                throw new IllegalArgumentException(
                        "The method " + method + " cannot be called from here; open its package to dev.interlock.core");
            }
            Class<?> result = method.getReturnType();
            if (guard.isLimited() && !isStage(result) && !mayGoOn(result)) {
                throw new IllegalArgumentException("The method " + method + " returns a " + result.getSimpleName()
                        + ", so the guard's time limit cannot end it; guard it without a limit, or let it return"
                        + " CompletableFuture");
            }
            if (CompletionStage.class.isAssignableFrom(result) && !isStage(result)) {
                throw new IllegalArgumentException("The method " + method + " returns a stage of its own type; a proxy"
                        + " can guard methods that return CompletionStage or CompletableFuture");
            }
            if (Future.class.isAssignableFrom(result) && !CompletionStage.class.isAssignableFrom(result)) {
                throw new IllegalArgumentException("The method " + method + " returns a " + result.getSimpleName()
                        + ", and a proxy cannot see how that ends; let it return CompletableFuture");
            }
        }
        Object proxy = Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, new GuardedProxy(guard.enclosing(), target));
        return type.cast(proxy);
    }

    @Override
    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(method, arguments);
        }
        if (isStage(method.getReturnType())) {
            return guard.callAsync(() -> {
                try {
                    return (CompletionStage<?>) invoke(method, arguments);
                } catch (Exception thrown) {
                    throw GuardedProxy.<RuntimeException>sneaky(thrown);
                }
            });
        }
        if (mayGoOn(method.getReturnType())) {
            return guardedUntilItEnds(method, arguments);
        }
        return guard.<@Nullable Object, Exception>call(() -> invoke(method, arguments));
    }

    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    private @Nullable Object guardedUntilItEnds(Method method, @Nullable Object @Nullable [] arguments)
            throws Exception {
        Permit permit = guard.acquire();
        Object result;
        try {
            result = permit.supply(() -> invoke(method, arguments));
        } catch (Throwable thrown) {
            permit.fail(thrown);
            throw thrown;
        }
        if (result instanceof CompletionStage<?> stage) {
            CompletableFuture<?> guarded = guard.start(permit, () -> stage);
            // The caller may know it as a type of its own, which the guarded one is not; then it gets what it would get
            // without a guard, and the permit is settled when that completes.
            return stage.getClass() == CompletableFuture.class ? guarded : stage;
        }
        Object pieces = pieces(permit, method.getReturnType(), result);
        if (pieces != null) {
            return pieces;
        }
        if (result instanceof Future<?> future && !future.isDone()) {
            permit.cancel(); // nobody can see how it ends, so it says nothing
        } else {
            permit.settle(Classification.ofResult(permit.classifier(), result));
        }
        return result;
    }

    private @Nullable Object pieces(Permit permit, Class<?> declared, @Nullable Object result) {
        if (result == null) {
            return null;
        }
        try {
            return GuardedPieces.of(
                    result, declared, () -> guard.streamOf(permit), () -> guard.streamOf(guard.acquire()));
        } catch (Throwable thrown) { // such as of a stream that somebody else has read
            permit.fail(thrown);
            throw thrown;
        }
    }

    /** Whether a method that declares this type may return something whose end is yet to come. */
    private static boolean mayGoOn(Class<?> result) {
        return !result.isPrimitive() && !Modifier.isFinal(result.getModifiers());
    }

    private @Nullable Object ofObject(Method method, @Nullable Object @Nullable [] arguments) throws Exception {
        if (method.getName().equals("equals")
                && arguments != null
                && arguments[0] != null
                && Proxy.isProxyClass(arguments[0].getClass())
                && Proxy.getInvocationHandler(arguments[0]) instanceof GuardedProxy other) {
            return target.equals(other.target);
        }
        return invoke(method, arguments);
    }

    private @Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments) throws Exception {
        try {
            method.trySetAccessible(); // each proxy call comes with its own Method object
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            if (cause instanceof Error error) {
                throw error;
            }
            throw cause instanceof Exception exception ? exception : thrown;
        }
    }

    private static boolean isStage(Class<?> result) {
        return result == CompletionStage.class || result == CompletableFuture.class;
    }

    /** Lets a checked exception through code that cannot declare it; a stage carries any of them. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
