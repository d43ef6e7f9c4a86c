package dev.interlock;

import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A call that is reported to a {@link UsageListener} once. For code that guards models of another library, whose
 * answers say what was used. It begins when the guard has admitted it, and is the innermost call of a thread
 * {@linkplain #within while the model is asked}. Safe for use by any thread.
 */
@Alpha
public final class CountedCall {
    /** An array of a class that all loaders share: a thread of a pool must not keep this class alive. */
    private static final ThreadLocal<@Nullable Object[]> INNERMOST = ThreadLocal.withInitial(() -> new Object[1]);

    private final Guard guard;
    private final UsageListener listener;
    private final @Nullable CountedCall enclosing;

    /** The innermost permit around this call, among which are those of {@linkplain Guard#countedBy counted guards}. */
    private final @Nullable Permit around;

    private final TimeSource time;
    private final long began;
    private final AtomicBoolean isOver = new AtomicBoolean();
    private volatile boolean isReportedWithin;

    private CountedCall(Guard guard, UsageListener listener, @Nullable CountedCall enclosing) {
        this.guard = Objects.requireNonNull(guard, "A counted call has a guard");
        this.listener = Objects.requireNonNull(listener, "Somebody must hear of the usage");
        this.enclosing = enclosing;
        this.around = CallChain.innermost();
        this.time = guard.registry.engine().time;
        this.began = time.ticks();
    }

    /**
     * The listener that counts the calls of a guard, if it can count what they used as well: then a guarded model
     * reports to it in the guard's place.
     *
     * @param guard of the agent
     * @return null if nobody counts them, or the listener cannot count usage
     */
    public static @Nullable UsageListener listenerOf(Guard guard) {
        return guard.counting() instanceof UsageListener listener ? listener : null;
    }

    /**
     * A call that begins within the one that its thread is in, if any.
     *
     * @param guard the guard that admitted it
     * @param listener hears of it
     * @return to be {@linkplain #end ended} once
     */
    public static CountedCall begin(Guard guard, UsageListener listener) {
        return new CountedCall(guard, listener, (CountedCall) INNERMOST.get()[0]);
    }

    /**
     * A call that begins within another one, on whatever thread that runs.
     *
     * @param guard the guard that admitted it
     * @param listener hears of it
     * @param enclosing the one around it; null for that of the thread, if any
     * @return to be {@linkplain #end ended} once
     */
    public static CountedCall begin(Guard guard, UsageListener listener, @Nullable CountedCall enclosing) {
        return enclosing == null ? begin(guard, listener) : new CountedCall(guard, listener, enclosing);
    }

    /**
     * Asks the model, so that calls that begin meanwhile on this thread are within this one.
     *
     * @param work asks it
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what it returned
     * @throws X what it threw
     */
    public <T extends @Nullable Object, X extends Exception> T within(Work<? extends T, X> work) throws X {
        @Nullable Object[] innermost = INNERMOST.get();
        Object before = innermost[0];
        innermost[0] = this;
        try {
            return work.call();
        } finally {
            innermost[0] = before;
        }
    }

    /**
     * Says that it was answered; the guard's classifier decides how it ended.
     *
     * @param answer what the model answered
     * @param inputTokens as for {@link #end}
     * @param outputTokens as for {@link #end}
     * @param cachedTokens as for {@link #end}
     */
    public void answer(@Nullable Object answer, long inputTokens, long outputTokens, long cachedTokens) {
        end(Classification.ofResult(guard.classifier(), answer), inputTokens, outputTokens, cachedTokens);
    }

    /**
     * Says that it failed, and that its usage is not known; the guard's classifier decides the kind of failure.
     *
     * @param thrown what was thrown
     */
    public void fail(Throwable thrown) {
        fail(thrown, 0, 0, 0);
    }

    /**
     * Says that it failed, and what it had used by then.
     *
     * @param thrown what was thrown
     * @param inputTokens as for {@link #end}
     * @param outputTokens as for {@link #end}
     * @param cachedTokens as for {@link #end}
     */
    public void fail(Throwable thrown, long inputTokens, long outputTokens, long cachedTokens) {
        end(Classification.ofThrown(guard.classifier(), thrown), inputTokens, outputTokens, cachedTokens);
    }

    /**
     * Says how it ended. The first time counts. Nothing is reported if a circuit refused the call, since no model was
     * asked, or if a call within it has been reported to the same listener.
     *
     * @param outcome how it ended
     * @param inputTokens all tokens that went in; 0 if nobody says
     * @param outputTokens tokens that came out; 0 if nobody says
     * @param cachedTokens how many of those that went in were read from a cache; 0 if nobody says
     */
    public void end(Outcome outcome, long inputTokens, long outputTokens, long cachedTokens) {
        if (!isOver.compareAndSet(false, true) || isReportedWithin || outcome.kind() == FailureKind.DOWNSTREAM_OPEN) {
            return;
        }
        for (CountedCall each = enclosing; each != null; each = each.enclosing) {
            if (each.listener == listener) {
                each.isReportedWithin = true;
            }
        }
        CountedPermit.reported(around, listener, guard.id(), guard.dependencies());
        Outcome timed = outcome.took() == null ? outcome.took(Duration.ofNanos(time.ticks() - began)) : outcome;
        CallUsage usage = new CallUsage(guard, timed, inputTokens, outputTokens, cachedTokens);
        Reporting.safely(() -> listener.used(usage));
    }
}
