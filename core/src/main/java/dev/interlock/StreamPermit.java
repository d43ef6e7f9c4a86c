package dev.interlock;

import dev.interlock.facts.InBandErrors;
import dev.interlock.threads.Reporting;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Permission to make one call whose answer comes in pieces; settled by the first end that anybody reports.
 *
 * <pre>{@code
 * StreamPermit stream = planner.stream(StreamLimits.none().firstPiece(Duration.ofSeconds(30)));
 * model.chat(prompt, new Handler() {
 *     void onPiece(String piece) { if (stream.next()) { show(piece); } }
 *     void onComplete() { stream.complete(); }
 *     void onError(Throwable thrown) { stream.fail(thrown); }
 * });
 * }</pre>
 *
 * <p>A stream has exactly one end, however many its source reports: {@code complete}, {@code fail}, {@code cancel}, {@code
 * consumerFailed}, a limit, {@code close}. The method that ended it returns true, all others false. Any thread may report
 * an end or pause; {@code next}, like the pieces of one stream, comes from one thread at a time. A piece takes no lock and
 * no memory, and reads a clock only where there is a limit between pieces.
 */
@Beta
public final class StreamPermit implements AutoCloseable {
    private static final VarHandle END;
    private static final VarHandle SOURCE;
    private static final VarHandle CONSUMER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            END = lookup.findVarHandle(StreamPermit.class, "end", End.class);
            SOURCE = lookup.findVarHandle(StreamPermit.class, "source", Runnable.class);
            CONSUMER = lookup.findVarHandle(StreamPermit.class, "consumer", Consumer.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** An end, and what those hear who wait for a piece if it was a limit. */
    private record End(Outcome outcome, @Nullable StreamTimeoutException overdue) {}

    private final Permit permit;
    private final PieceClock clock;

    /** What a piece has reported, and whether the last line names an error: for the thread of the pieces. */
    private @Nullable Outcome inBand;

    private boolean isErrorNamed;

    /** How the stream ended; null until then. */
    private volatile @Nullable End end;

    private volatile boolean unwanted;

    /** Set once a limit has ended the stream, the permit is settled and the source cancelled. */
    private volatile boolean informs;

    @SuppressWarnings("UnusedVariable") // read and written through its handle
    private volatile @Nullable Runnable source;

    @SuppressWarnings("UnusedVariable") // read and written through its handle
    private volatile @Nullable Consumer<? super StreamTimeoutException> consumer;

    private StreamPermit(Permit permit, StreamLimits limits, TimeSource time) {
        this.permit = permit;
        this.clock = new PieceClock(this, limits, time);
    }

    static StreamPermit start(Permit permit, StreamLimits limits, TimeSource time, CallLimits timer) {
        StreamPermit stream = new StreamPermit(permit, limits, time);
        if (stream.clock.isLimited()) {
            timer.watch(stream.clock);
        }
        return stream;
    }

    /**
     * The circuit that admitted the call; of several the guard's own.
     *
     * @return its id
     */
    public CircuitId id() {
        return permit.id();
    }

    /**
     * Runs work within this call, as {@link Permit#supply} does: guards in it see that they are called within.
     *
     * @param work such as what starts the stream
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what it returned
     * @throws X what it threw, which ends no stream
     */
    public <T extends @Nullable Object, X extends Exception> T supply(Work<? extends T, X> work) throws X {
        return permit.supply(work);
    }

    /**
     * Sets how the source is cancelled. It is cancelled once, when the consumer cancels or fails, or a limit has
     * passed; at once if that has happened already.
     *
     * @param cancellation stops the source; what it throws is reported to the thread's handler and changes nothing
     * @return this permit
     */
    public StreamPermit cancelWith(Runnable cancellation) {
        SOURCE.setVolatile(this, Objects.requireNonNull(cancellation, "A source must be cancelled by something"));
        if (unwanted) {
            cancelSource();
        }
        return this;
    }

    /**
     * Sets who is notified that a limit has passed: once, on the manager's executor, after the permit has been settled
     * and the source cancelled; on the calling thread if that has happened already.
     *
     * @param informed given what to pass on to those that wait for the next piece
     * @return this permit
     */
    public StreamPermit onTimeout(Consumer<? super StreamTimeoutException> informed) {
        CONSUMER.setVolatile(this, Objects.requireNonNull(informed, "Somebody must hear of the limit"));
        if (informs) {
            inform();
        }
        return this;
    }

    /**
     * Takes in that a piece has come: from now on the source owes the next one.
     *
     * @return false if the stream has ended, so that nobody wants the piece
     */
    public boolean next() {
        if (end != null) {
            return false;
        }
        clock.next();
        return end == null; // who ended it meanwhile may have seen no piece
    }

    /**
     * Takes in that a piece has come, as {@link #next()} does, and looks whether it reports an error of the source: then
     * {@link #complete()} ends the stream with that failure. Known are lines and events of server-sent events ({@code event:
     * error}, {@code data: {"error": …}}) and lines of JSON that begin so.
     *
     * @param piece as it came, with all that is before its data
     * @return false if the stream has ended, so that nobody wants the piece
     */
    public boolean next(String piece) {
        Objects.requireNonNull(piece, "A piece must not be null");
        boolean wanted = next();
        look(piece);
        return wanted;
    }

    /** Stops all limits except the total one: the source owes no piece, since the consumer has not asked for one. */
    public void pause() {
        clock.pause();
    }

    /** Lets the limit for the next piece run from now on. */
    public void resume() {
        clock.resume();
    }

    /**
     * Ends the stream: all pieces have come. It has failed if one of them {@linkplain #next(String) reported an error}.
     *
     * @return true if this was the end
     */
    public boolean complete() {
        Outcome failed = inBand;
        return end(failed == null ? Outcome.success() : failed, false, null);
    }

    /**
     * Ends the stream as its source did, which may be a failure: without a single piece, or cut off.
     *
     * @param outcome how it ended
     * @return true if this was the end
     */
    public boolean complete(Outcome outcome) {
        return end(Objects.requireNonNull(outcome, "A stream ends with an outcome"), false, null);
    }

    /**
     * Ends the stream with the exception of its source; the guard's classifier decides the kind of failure.
     *
     * @param thrown what the source reported
     * @return true if this was the end
     */
    public boolean fail(Throwable thrown) {
        Objects.requireNonNull(thrown, "A stream can only be failed with a throwable");
        return end == null && end(Classification.ofThrown(permit.classifier(), thrown), false, null);
    }

    /**
     * Ends the stream since its consumer wants no more, and cancels the source. Says nothing about health.
     *
     * @return true if this was the end
     */
    public boolean cancel() {
        return end(Outcome.cancelled(), true, null);
    }

    /**
     * Ends the stream with the exception of its consumer, and cancels the source. It is a failure of the agent,
     * whatever was thrown; but a cancellation, or a refusal by a circuit, says nothing about health, as everywhere.
     *
     * @param thrown what the consumer threw
     * @return true if this was the end
     */
    public boolean consumerFailed(Throwable thrown) {
        Objects.requireNonNull(thrown, "A consumer can only fail with a throwable");
        if (end != null) {
            return false;
        }
        Outcome outcome = Classification.ofThrown(permit.classifier(), thrown);
        FailureKind kind = outcome.kind();
        boolean says = kind != FailureKind.CANCELLED && kind != FailureKind.DOWNSTREAM_OPEN;
        return end(says ? Outcome.failure(FailureKind.ERROR).attributedTo(id().name()) : outcome, true, null);
    }

    /**
     * Whether the stream has ended.
     *
     * @return true from the first end on
     */
    public boolean isEnded() {
        return end != null;
    }

    /**
     * Whether a piece has come.
     *
     * @return true from the first piece on
     */
    public boolean hasPieces() {
        return clock.hasPieces();
    }

    /** Ends the stream with a failure of kind {@link FailureKind#ERROR}, and cancels the source, if it has not ended. */
    @Override
    public void close() {
        if (end == null) {
            end(Outcome.failure(FailureKind.ERROR), true, null);
        }
    }

    /** What ended the stream if it was a limit. */
    @Nullable
    StreamTimeoutException overdue() {
        End present = end;
        return present == null ? null : present.overdue;
    }

    /** How the stream ended; null until then. */
    @Nullable
    Outcome outcome() {
        End present = end;
        return present == null ? null : present.outcome;
    }

    /** Looks whether a piece reports an error of its source, which then has not ended well. */
    void look(@Nullable Object piece) {
        if (piece instanceof String text && (isErrorNamed || InBandErrors.mayReport(text))) {
            Outcome outcome = Findings.ofPiece(text, isErrorNamed);
            isErrorNamed = InBandErrors.isNamed(text);
            inBand = outcome != null ? outcome : inBand;
        }
    }

    /** A piece has come and the consumer is busy with it; false if nobody wants it. */
    boolean arrive() {
        if (end != null) {
            return false;
        }
        clock.arrive();
        return end == null;
    }

    /** A limit has passed, or can be kept no longer. */
    void overdue(Outcome outcome, String text) {
        end(outcome, true, new StreamTimeoutException(text));
    }

    private boolean end(Outcome outcome, boolean cancelling, @Nullable StreamTimeoutException late) {
        // With why, since anyone who sees that it has ended asks at once whether it was a limit.
        if (!END.compareAndSet(this, null, new End(outcome, late))) {
            return false;
        }
        try {
            clock.stop();
            permit.settle(outcome);
        } finally { // whatever becomes of the permit, nobody waits for ever
            if (cancelling) {
                unwanted = true;
                cancelSource();
            }
            if (late != null) {
                informs = true;
                inform();
            }
        }
        return true;
    }

    private void cancelSource() {
        Runnable cancellation = (Runnable) SOURCE.getAndSet(this, null);
        if (cancellation != null) {
            Reporting.safely(cancellation);
        }
    }

    @SuppressWarnings("unchecked") // the field's type, which a handle does not know
    private void inform() {
        StreamTimeoutException late = overdue();
        Consumer<? super StreamTimeoutException> informed =
                (Consumer<? super StreamTimeoutException>) CONSUMER.getAndSet(this, null);
        if (late != null && informed != null) {
            Reporting.safely(() -> informed.accept(late));
        }
    }
}
