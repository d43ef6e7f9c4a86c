package dev.interlock.jdbc;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Writes rows in batches on a thread of its own. Nobody waits for it: rows lie in a {@link FairQueue}, of which some are
 * lost when the database is away for too long. Safe for use by any thread.
 *
 * @param <T> a row
 */
final class RowWriter<T> implements AutoCloseable {
    private static final int BATCH = 500;

    /** A transaction holds the only writer of an SQLite file, so it must be short. */
    private static final long BATCH_CHARACTERS = 1L << 18;

    private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long RETRY = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOSE = TimeUnit.SECONDS.toNanos(5);

    private final Function<T, String> owner;
    private final Losses losses;
    private final ToIntFunction<List<T>> write;
    private final Worker thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final FairQueue<T> waiting;
    private int underWay;
    private int flushing;
    private boolean gathering;
    private long writeAt;
    private boolean closing;
    private long closeAt;
    private boolean closed;
    private volatile boolean available = true;

    /**
     * Starts.
     *
     * @param name of the thread
     * @param bounds what may wait
     * @param owner whose a row is
     * @param characters about how many characters a row has
     * @param losses hears of rows that never reach the database
     * @param write brings rows, or the first of them, to the database in one transaction, and answers how many; throws
     *     {@link StoreUnavailableException} if that is away, and anything else for rows that it will never take
     */
    RowWriter(
            String name,
            FairQueue.Bounds bounds,
            Function<T, String> owner,
            ToIntFunction<T> characters,
            Losses losses,
            ToIntFunction<List<T>> write) {
        this.owner = owner;
        this.losses = losses;
        this.write = write;
        this.waiting = new FairQueue<>(bounds, owner, characters, losses::add);
        thread = new Worker(name, new Turns());
    }

    void add(Collection<T> rows) {
        lock.lock();
        try {
            boolean begins = waiting.isEmpty();
            waiting.add(rows);
            if (closed) {
                waiting.clear();
            } else if (begins || waiting.fills(BATCH, BATCH_CHARACTERS)) {
                thread.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps room for rows that are about to come.
     *
     * @return false if the owner holds so much already that it should send later
     */
    boolean reserve(String name, int rows, long characters) {
        lock.lock();
        try {
            return waiting.reserve(name, rows, characters);
        } finally {
            lock.unlock();
        }
    }

    /** Gives reserved room back. */
    void release(String name, int rows, long characters) {
        lock.lock();
        try {
            waiting.release(name, rows, characters);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a reservation of so much would succeed at this moment. */
    boolean hasRoom(String name, int rows, long characters) {
        lock.lock();
        try {
            return waiting.hasRoom(name, rows, characters);
        } finally {
            lock.unlock();
        }
    }

    /** Rows that wait or are being written. */
    int backlog() {
        lock.lock();
        try {
            return waiting.size() + underWay;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the database took what was last brought to it. */
    boolean isAvailable() {
        return available;
    }

    /** Waits until nothing waits any more; false if it takes longer than that. */
    boolean flush(Duration atMost) {
        long left = atMost.toNanos();
        lock.lock();
        flushing++;
        try {
            thread.wake();
            while (!waiting.isEmpty() || underWay > 0) {
                if (left <= 0 || closed) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            flushing--;
            lock.unlock();
        }
    }

    /** Writes what waits, for at most 5 s; what is then left is lost. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closing) {
                closing = true;
                closeAt = System.nanoTime() + CLOSE;
            }
            thread.wake();
            long left = 2 * CLOSE;
            while ((!waiting.isEmpty() || underWay > 0) && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            lock.unlock();
        }
        thread.close();
    }

    private final class Turns implements Worker.Turn {
        @Override
        public long take() {
            List<T> batch = new ArrayList<>();
            long wait = gather(batch);
            if (batch.isEmpty()) {
                return wait;
            }
            int done = 0;
            try {
                while (done < batch.size()) {
                    done += write(batch.subList(done, batch.size()));
                }
            } catch (StoreUnavailableException away) {
                available = false;
            } finally {
                settled(batch.subList(done, batch.size()));
            }
            losses.warn();
            return 0;
        }

        @Override
        public boolean isOwed() {
            return backlog() > 0;
        }
    }

    /** Brings the first of some rows to the database; how many, those included that it will never take. */
    private int write(List<T> rows) {
        try {
            int written = write.applyAsInt(rows);
            Failpoint.LOG_WRITTEN.reach();
            available = true;
            return written;
        } catch (StoreUnavailableException away) {
            throw away;
        } catch (RuntimeException refused) {
            // One row spoils its transaction: the others go without it.
            if (rows.size() == 1) {
                losses.add(owner.apply(rows.get(0)), 1);
                return 1;
            }
            return write(rows.subList(0, rows.size() / 2));
        }
    }

    /** Adds the next rows to a batch, or says how long it is until they are to be written. */
    private long gather(List<T> batch) {
        lock.lock();
        try {
            if (waiting.isEmpty()) {
                return Worker.Turn.UNTIL_WOKEN;
            }
            long now = System.nanoTime();
            if (!gathering) {
                gathering = true;
                writeAt = now + LINGER;
            }
            boolean isFull = available && waiting.fills(BATCH, BATCH_CHARACTERS);
            if (writeAt - now > 0 && !isFull && !closing && (flushing == 0 || !available)) {
                return writeAt - now;
            }
            gathering = false;
            batch.addAll(waiting.poll(BATCH, BATCH_CHARACTERS));
            underWay = batch.size();
            return 0;
        } finally {
            lock.unlock();
        }
    }

    private void settled(List<T> rest) {
        lock.lock();
        try {
            underWay = 0;
            if (!rest.isEmpty()) {
                waiting.addFirst(rest);
                gathering = true;
                writeAt = System.nanoTime() + RETRY;
                if (closing && System.nanoTime() - closeAt >= 0) {
                    waiting.clear();
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
