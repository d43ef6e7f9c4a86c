package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When the pieces of one stream are due. A piece only writes down when it came; a timer looks now and then whether the
 * next one is overdue, so that no piece moves a timer. Where the limits are a second or longer it writes the coarse
 * clock's reading, which may be some 10 ms old: looks, and the limit in all, go by the exact clock.
 *
 * <p>What a piece writes, except for the first, has no fence: a timer that sees it late looks again, on another thread,
 * before it ends anything.
 */
final class PieceClock implements CallLimits.Watched {
    /** In place of the tick since which the source owes a piece: it owes none. */
    private static final long PAUSED = Long.MAX_VALUE;

    private static final long NO_LIMIT = Long.MAX_VALUE;

    /** The shortest limit that a coarse reading is good enough for: a hundred of its steps. */
    private static final long COARSE_FROM = TimeUnit.SECONDS.toNanos(1);

    private static final VarHandle SINCE;
    private static final VarHandle ARRIVED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SINCE = lookup.findVarHandle(PieceClock.class, "since", long.class);
            ARRIVED = lookup.findVarHandle(PieceClock.class, "arrived", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final StreamPermit stream;
    private final StreamLimits limits;
    private final TimeSource time;
    private final long first;
    private final long between;
    private final boolean coarse;

    /** The tick at which the whole stream is overdue. */
    private final long end;

    /** Whether a piece has come. */
    private boolean arrived;

    /** The tick since which the source owes a piece, or {@link #PAUSED}. */
    @SuppressWarnings("UnusedVariable") // read and written through its handle
    private long since;

    private volatile @Nullable Runnable pending;

    PieceClock(StreamPermit stream, StreamLimits limits, TimeSource time) {
        this.stream = stream;
        this.limits = limits;
        this.time = time;
        first = nanos(limits.firstPiece());
        between = nanos(limits.betweenPieces());
        coarse = Math.min(first, between) >= COARSE_FROM;
        long total = nanos(limits.total());
        long now = first == NO_LIMIT && between == NO_LIMIT && total == NO_LIMIT ? 0 : time.ticks();
        end = plus(now, total);
        SINCE.setOpaque(this, now);
    }

    boolean isLimited() {
        return first != NO_LIMIT || between != NO_LIMIT || end != NO_LIMIT;
    }

    boolean hasPieces() {
        return (boolean) ARRIVED.getVolatile(this);
    }

    /** With a fence: either who ends the stream sees that a piece has come, or who brings the piece sees the end. */
    private void noteFirst() {
        if (!arrived) {
            ARRIVED.setVolatile(this, true);
        }
    }

    /** A piece has come, and the source owes the next one. */
    void next() {
        noteFirst();
        if (between != NO_LIMIT) {
            SINCE.setOpaque(this, reading());
        }
    }

    /** A piece has come, and the source owes none until somebody asks. */
    void arrive() {
        noteFirst();
        pause();
    }

    void pause() {
        if (between != NO_LIMIT || first != NO_LIMIT) {
            SINCE.setOpaque(this, PAUSED);
        }
    }

    void resume() {
        if (between != NO_LIMIT || first != NO_LIMIT) {
            SINCE.setOpaque(this, reading());
        }
    }

    private long reading() {
        return coarse ? time.coarseTicks() : time.ticks();
    }

    /** Nobody needs to look any more. */
    void stop() {
        Runnable look = pending;
        if (look != null) {
            look.run();
        }
    }

    @Override
    public boolean isOver() {
        return stream.isEnded();
    }

    @Override
    public void looking(Runnable cancellation) {
        pending = cancellation;
        if (stream.isEnded()) {
            cancellation.run();
        }
    }

    @Override
    public long look(long now) {
        long owedSince = (long) SINCE.getOpaque(this);
        boolean pieces = hasPieces();
        long passes = owedSince == PAUSED ? NO_LIMIT : plus(owedSince, pieces ? between : first);
        // What comes after this look, a piece or somebody who asks for one, may bring a limit that passes sooner.
        long sooner = plus(now, pieces ? between : Math.min(first, between));
        return Math.min(end, Math.min(passes, sooner));
    }

    @Override
    public void overdue(long now) {
        // Where the source owes nothing, the agent itself has taken the time.
        boolean consumers = (long) SINCE.getOpaque(this) == PAUSED;
        Outcome outcome = Outcome.failure(FailureKind.TIMEOUT);
        String agent = stream.id().name();
        stream.overdue(consumers ? outcome.attributedTo(agent) : outcome, text(now));
    }

    @Override
    public void closed() {
        stream.overdue(
                Outcome.cancelled(),
                "The manager was closed before the stream of " + stream.id()
                        + " ended; nobody is left to keep its limits");
    }

    private String text(long now) {
        if (now >= end) {
            return "The stream of " + stream.id() + " has not ended within " + text(limits.total());
        }
        return hasPieces()
                ? "No further piece of the stream of " + stream.id() + " within " + text(limits.betweenPieces())
                : "No piece of the stream of " + stream.id() + " within " + text(limits.firstPiece());
    }

    private static String text(@Nullable Duration limit) {
        return limit == null ? "its limit" : Nanos.text(limit);
    }

    private static long nanos(@Nullable Duration limit) {
        return limit == null ? NO_LIMIT : Nanos.of(limit);
    }

    /** A tick and a length, without overflow. */
    private static long plus(long tick, long length) {
        return length == NO_LIMIT || tick > NO_LIMIT - length ? NO_LIMIT : tick + length;
    }
}
