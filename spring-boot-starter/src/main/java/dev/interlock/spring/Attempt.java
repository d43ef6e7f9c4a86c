package dev.interlock.spring;

import dev.interlock.Work;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/** One call of a guarded method: whether it has begun shows whether the guard itself refused it. */
final class Attempt implements Work<@Nullable Object, Exception> {
    private final MethodInvocation invocation;
    private volatile boolean begun;

    Attempt(MethodInvocation invocation) {
        this.invocation = invocation;
    }

    boolean isRefused() {
        return !begun;
    }

    /** Makes the call; exceptions that the method does not declare come from advice in between. */
    @Nullable
    Object begin() throws Exception {
        begun = true;
        try {
            return invocation.proceed();
        } catch (Error | Exception thrown) {
            throw thrown;
        } catch (Throwable neither) {
            throw new IllegalStateException(neither);
        }
    }

    /** As {@link #begin}, so that a guard needs no other object to call. */
    @Override
    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    public @Nullable Object call() throws Exception {
        return begin();
    }

    @Nullable
    Object beginUnchecked() {
        try {
            return begin();
        } catch (Exception thrown) {
            throw Attempt.<RuntimeException>sneaky(thrown);
        }
    }

    /** Lets a checked exception through code that cannot declare it; a stage carries any of them. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <X extends Throwable> X sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
