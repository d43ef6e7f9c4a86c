package dev.interlock.monitor;

import dev.interlock.TimeSource;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings entries from the buffer to the sink, redacted, in batches, on one thread; a thread that logs only adds to the buffer.
 *
 * <p>All decisions are in {@link #step}, which reads the time once, so that a test can make the steps itself.
 */
final class Shipper {
    /** The logger that users know: the name of their class, not of this one. */
    static final String LOGGER = "dev.interlock.monitor.AgentLogger";

    private static final long REPORT_EVERY = TimeUnit.MINUTES.toNanos(1);
    private static final long SHORTEST_WAIT = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration AFTER_INTERRUPT = Duration.ofMillis(500);

    private final TimeSource time;
    private final EntrySink sink;
    private final Redactor redactor;
    private final @Nullable String organization;
    private final EntryBuffer buffer;
    private final int batchSize;
    private final long interval;
    private final Backoff backoff;
    private final BiConsumer<Long, String> onLost;
    private final LongAdder logged = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Worker worker = new Worker("interlock-agent-log", new Turns());
    private final CountDownLatch drained = new CountDownLatch(1);

    /** The one that takes a step at this moment; a sink that hangs is interrupted at the end. */
    private volatile @Nullable Thread stepping;

    private volatile boolean started;
    private volatile boolean closed;
    private volatile boolean flushing;

    /** The batch that could not be delivered yet; touched by the shipping thread alone, except for its size. */
    private volatile List<LogEntry> unsent = List.of();

    private volatile String whyLost = "the buffer is full";
    private long retryAt = -1;
    private long reportAt = -1;
    private long reported;

    Shipper(ShipperSettings settings, EntrySink sink, Backoff backoff) {
        this.time = settings.time();
        this.sink = sink;
        this.redactor = settings.redactor();
        this.organization = settings.organization();
        this.buffer = new EntryBuffer(settings.bufferSize(), settings.bufferCharacters());
        this.batchSize = settings.batchSize();
        this.interval = settings.interval().toNanos();
        this.onLost = settings.onLost();
        this.backoff = backoff;
    }

    void start() {
        started = true;
        worker.wake();
    }

    /** Never blocks: at worst the shipping thread is woken, once a batch. */
    void add(LogEntry entry) {
        logged.increment();
        if (closed) {
            lost.increment();
            return;
        }
        int dropped = buffer.add(entry, time.ticks());
        if (dropped > 0) {
            whyLost = "the buffer is full";
            lost.add(dropped);
        }
        if (buffer.size() == batchSize) {
            wake();
        }
    }

    TimeSource time() {
        return time;
    }

    LogFigures figures() {
        return new LogFigures(logged.sum(), accepted.get(), refused.get(), lost.sum(), buffer.size() + unsent.size());
    }

    /** Sends what is due now, and returns how many nanoseconds later something may be due again. */
    long step() {
        long now = time.ticks();
        while (isDue(now)) {
            List<LogEntry> batch = unsent.isEmpty() ? redacted(buffer.take(batchSize)) : unsent;
            unsent = batch;
            if (!batch.isEmpty() && !deliver(batch)) {
                break;
            }
            now = time.ticks();
        }
        report(false);
        return untilDue(time.ticks());
    }

    /** Sends all that waits, a batch that is to be retried included. */
    void flush() {
        flushing = true;
        wake();
    }

    boolean isFlushing() {
        return flushing;
    }

    /** Takes no more entries, gives those that wait a bounded time, and counts the rest as lost. */
    void close(Duration most) {
        closed = true;
        if (!started) {
            return;
        }
        worker.wake();
        try {
            if (!drained.await(Math.max(1, most.toMillis()), TimeUnit.MILLISECONDS)) {
                interrupt();
            }
        } catch (InterruptedException interrupted) {
            interrupt();
            Thread.currentThread().interrupt();
        }
        started = false;
        worker.close(AFTER_INTERRUPT);
        int left = buffer.take(Integer.MAX_VALUE).size() + unsent.size();
        unsent = List.of();
        if (left > 0) {
            whyLost = "the log was closed before they could be delivered";
            lost.add(left);
        }
        report(true);
    }

    private void wake() {
        if (started) {
            worker.wake();
        }
    }

    private void interrupt() {
        Thread hanging = stepping;
        if (hanging != null) {
            hanging.interrupt();
        }
    }

    private final class Turns implements Worker.Turn {
        @Override
        public long take() {
            if (!started) {
                return UNTIL_WOKEN;
            }
            stepping = Thread.currentThread();
            try {
                long wait = step();
                if (closed && buffer.size() == 0 && unsent.isEmpty()) {
                    drained.countDown();
                    return UNTIL_WOKEN;
                }
                return Math.max(wait, SHORTEST_WAIT);
            } finally {
                stepping = null;
            }
        }

        @Override
        public boolean isOwed() {
            return started && (buffer.size() > 0 || !unsent.isEmpty());
        }
    }

    private boolean isDue(long now) {
        if (!unsent.isEmpty()) {
            return flushing || retryAt <= now;
        }
        if (buffer.size() == 0) {
            flushing = false;
            return false;
        }
        return closed || flushing || buffer.size() >= batchSize || buffer.oldest() + interval <= now;
    }

    private long untilDue(long now) {
        if (!unsent.isEmpty()) {
            return retryAt - now;
        }
        long oldest = buffer.oldest();
        return oldest < 0 ? interval : Math.min(interval, oldest + interval - now);
    }

    private List<LogEntry> redacted(List<LogEntry> entries) {
        List<LogEntry> clean = new ArrayList<>(entries.size());
        for (LogEntry entry : entries) {
            try {
                clean.add(redactor.redact(entry));
            } catch (RuntimeException | Error broken) {
                lose(1, "an entry could not be redacted: " + broken.getClass().getName());
            }
        }
        return clean;
    }

    /** False if the batch is to be sent again. */
    private boolean deliver(List<LogEntry> batch) {
        try {
            Receipt receipt = sink.take(new LogBatch(organization, time.wallTime(), batch));
            accepted.addAndGet(receipt.accepted());
            refused.addAndGet(receipt.refused().size());
        } catch (SinkUnavailableException unavailable) {
            retryAt = time.ticks() + backoff.next(unavailable.retryAfter());
            flushing = false;
            return false;
        } catch (RuntimeException | Error never) {
            lose(batch.size(), String.valueOf(never.getMessage()));
        }
        unsent = List.of();
        backoff.reset();
        return true;
    }

    private void lose(int entries, String why) {
        whyLost = why;
        lost.add(entries);
    }

    /** At most once a minute, and at the end. */
    private void report(boolean last) {
        long sum = lost.sum();
        long now = time.ticks();
        if (sum == reported || !last && now < reportAt) {
            return;
        }
        long news = sum - reported;
        reported = sum;
        reportAt = now + REPORT_EVERY;
        try {
            onLost.accept(news, redactor.redact(whyLost));
        } catch (RuntimeException | Error broken) {
            // A listener of the user's must not end the log.
            System.getLogger(LOGGER).log(System.Logger.Level.WARNING, "onLost threw", broken);
        }
    }
}
