package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Writes rows in batches on a thread of its own. Nobody waits for it: rows lie in a bounded queue, of which the oldest are
 * lost when the database is away for too long. Safe for use by any thread.
 *
 * @param <T> a row
 */
final class RowWriter<T> implements AutoCloseable {
    /** What one writer may hold. */
    record Bounds(int rows, long characters) {}

    private static final int BATCH = 500;
    private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long RETRY = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOSE = TimeUnit.SECONDS.toNanos(5);

    private final Bounds bounds;
    private final ToIntFunction<T> characters;
    private final Consumer<List<T>> write;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final Deque<T> waiting = new ArrayDeque<>();
    private long waitingCharacters;
    private int underWay;
    private int flushing;
    private boolean closing;
    private long closeAt;
    private volatile long lost;
    private volatile boolean available = true;

    /**
     * Starts.
     *
     * @param name of the thread
     * @param bounds what may wait
     * @param characters about how many characters a row has
     * @param write brings rows to the database in one transaction; throws {@link StoreUnavailableException} if that is
     *     away, and anything else for rows that it will never take
     */
    RowWriter(String name, Bounds bounds, ToIntFunction<T> characters, Consumer<List<T>> write) {
        this.bounds = bounds;
        this.characters = characters;
        this.write = write;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    void add(Collection<T> rows) {
        lock.lock();
        try {
            for (T row : rows) {
                waiting.addLast(row);
                waitingCharacters += characters.applyAsInt(row);
            }
            if (closing && !thread.isAlive()) {
                loseAll();
            }
            makeRoom();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Rows that never reached the database. */
    long lost() {
        return lost;
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
            changed.signalAll();
            while (!waiting.isEmpty() || underWay > 0) {
                if (left <= 0 || !thread.isAlive()) {
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
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(2 * CLOSE));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        for (List<T> batch = take(); !batch.isEmpty(); batch = take()) {
            boolean done = false;
            try {
                writeOrSplit(batch);
                done = true;
            } catch (StoreUnavailableException away) {
                available = false;
            }
            settled(batch, done);
        }
    }

    private void writeOrSplit(List<T> batch) {
        try {
            write.accept(batch);
            available = true;
        } catch (StoreUnavailableException away) {
            throw away;
        } catch (RuntimeException refused) {
            // One row spoils its transaction: the others go without it.
            if (batch.size() == 1) {
                lose(1);
                return;
            }
            int middle = batch.size() / 2;
            writeOrSplit(batch.subList(0, middle));
            writeOrSplit(batch.subList(middle, batch.size()));
        }
    }

    /** The next rows; empty at the end. */
    private List<T> take() {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                if (closing) {
                    return List.of();
                }
                changed.awaitUninterruptibly();
            }
            long left = LINGER;
            while (left > 0 && waiting.size() < BATCH && !closing && flushing == 0) {
                left = await(left);
            }
            List<T> batch = new ArrayList<>(Math.min(BATCH, waiting.size()));
            while (batch.size() < BATCH && !waiting.isEmpty()) {
                T row = waiting.removeFirst();
                waitingCharacters -= characters.applyAsInt(row);
                batch.add(row);
            }
            underWay = batch.size();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void settled(List<T> batch, boolean done) {
        lock.lock();
        try {
            underWay = 0;
            if (!done) {
                for (int i = batch.size() - 1; i >= 0; i--) {
                    waiting.addFirst(batch.get(i));
                    waitingCharacters += characters.applyAsInt(batch.get(i));
                }
                makeRoom();
                long left = RETRY;
                while (left > 0 && !closing) {
                    left = await(left);
                }
                if (closing && System.nanoTime() - closeAt >= 0) {
                    loseAll();
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long await(long nanos) {
        try {
            return changed.awaitNanos(nanos);
        } catch (InterruptedException interrupted) {
            return nanos; // nobody else knows this thread
        }
    }

    /** The news matters more than what is old. */
    private void makeRoom() {
        while (waiting.size() > bounds.rows() || waitingCharacters > bounds.characters() && waiting.size() > 1) {
            waitingCharacters -= characters.applyAsInt(waiting.removeFirst());
            lose(1);
        }
    }

    private void loseAll() {
        lose(waiting.size());
        waiting.clear();
        waitingCharacters = 0;
    }

    private void lose(int rows) {
        lock.lock();
        try {
            lost += rows;
        } finally {
            lock.unlock();
        }
    }
}
