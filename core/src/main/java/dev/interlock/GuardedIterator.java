package dev.interlock;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An iterator whose call is guarded until it has no more pieces. Code that stops before should close it, which gives a
 * trial's place back; else a trial waits for the end of its lease.
 */
final class GuardedIterator<T extends @Nullable Object> implements Iterator<T>, AutoCloseable {
    private final Iterator<T> source;
    private final StreamPermit permit;
    private final BooleanSupplier hasNext;

    GuardedIterator(Iterator<T> source, StreamPermit permit) {
        this.source = source;
        this.permit = permit;
        this.hasNext = source::hasNext;
        permit.pause();
        if (source instanceof AutoCloseable closeable) {
            permit.cancelWith(() -> close(closeable));
        }
    }

    @Override
    public boolean hasNext() {
        return ask(permit, hasNext);
    }

    @Override
    public T next() {
        permit.resume();
        T next;
        try {
            next = source.next();
        } catch (NoSuchElementException none) {
            if (!permit.complete()) {
                throwIfOverdue(permit);
            }
            throw none;
        } catch (Throwable thrown) {
            if (!permit.fail(thrown)) {
                throwIfOverdue(permit);
            }
            throw thrown;
        }
        came(permit);
        permit.look(next);
        return next;
    }

    @Override
    public void remove() {
        source.remove();
    }

    @Override
    public void forEachRemaining(Consumer<? super T> consumer) {
        while (hasNext()) {
            hand(permit, consumer, next());
        }
    }

    @Override
    public void close() {
        permit.cancel();
    }

    /** Asks a source whether there is a piece, within the limits; the end and what it throws settle the permit. */
    static boolean ask(StreamPermit permit, BooleanSupplier source) {
        permit.resume();
        boolean more;
        try {
            more = source.getAsBoolean();
        } catch (Throwable thrown) {
            if (!permit.fail(thrown)) {
                throwIfOverdue(permit);
            }
            throw thrown;
        }
        if (more) {
            came(permit);
        } else if (!permit.complete()) {
            throwIfOverdue(permit);
        }
        return more;
    }

    /** Gives a piece to the consumer, whose exceptions are not the source's. */
    static <T extends @Nullable Object> void hand(StreamPermit permit, Consumer<? super T> consumer, T piece) {
        try {
            consumer.accept(piece);
        } catch (Throwable thrown) {
            permit.consumerFailed(thrown);
            throw thrown;
        }
    }

    private static void came(StreamPermit permit) {
        if (!permit.arrive()) {
            throwIfOverdue(permit);
        }
    }

    private static void throwIfOverdue(StreamPermit permit) {
        StreamTimeoutException overdue = permit.overdue();
        if (overdue != null) {
            throw overdue;
        }
    }

    private static void close(AutoCloseable source) {
        try {
            source.close();
        } catch (RuntimeException thrown) {
            throw thrown;
        } catch (Exception thrown) {
            throw new IllegalStateException("A source could not be closed", thrown);
        }
    }
}
