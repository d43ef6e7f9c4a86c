package dev.interlock.server;

import dev.interlock.TimeSource;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices event loops that do not come to their next task in time, and writes to the log where they are. Vert.x itself
 * watches only the tasks that it runs, not what decoders do below it. Safe for use by any thread.
 */
final class LoopWatch implements AutoCloseable {
    /** A loop that is busy for this long is reported. */
    static final Duration LATE = Duration.ofSeconds(2);

    private static final Duration EVERY = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(LoopWatch.class);

    private final TimeSource time;
    private final List<Beat> beats = new CopyOnWriteArrayList<>();
    private final Worker thread = new Worker("interlock-loop-watch", this::lookAgain);

    LoopWatch(TimeSource time) {
        this.time = time;
    }

    /** Watches a loop from now on; it runs tasks one after the other on one thread. */
    void add(Executor loop) {
        beats.add(new Beat(loop));
    }

    /** Begins to look, on a thread of its own. */
    void start() {
        thread.wake();
    }

    private long lookAgain() {
        look();
        return EVERY.toNanos();
    }

    /** Looks once at all loops. */
    void look() {
        long now = time.ticks();
        beats.forEach(beat -> beat.look(now));
    }

    @Override
    public void close() {
        thread.close();
    }

    /** One loop: it is asked to say that it is there, and asked again once it has. */
    private static final class Beat {
        private final Executor loop;
        private volatile boolean answered = true;
        private volatile @Nullable Thread thread;
        private long asked;
        private boolean reported;

        Beat(Executor loop) {
            this.loop = loop;
        }

        void look(long now) {
            if (answered) {
                if (reported) {
                    LOG.atWarn()
                            .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(now - asked))
                            .log("An event loop goes on");
                }
                reported = false;
                answered = false;
                asked = now;
                loop.execute(this::answer);
            } else if (!reported && now - asked >= LATE.toNanos()) {
                reported = true;
                report(now);
            }
        }

        private void answer() {
            thread = Thread.currentThread();
            answered = true;
        }

        private void report(long now) {
            Thread stuck = thread;
            LOG.atWarn()
                    .addKeyValue("thread", stuck == null ? "unknown" : stuck.getName())
                    .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(now - asked))
                    .setCause(stuck == null ? null : new WhereItIs(stuck))
                    .log("An event loop is busy with one thing for too long; its connections wait");
        }
    }

    /** Not thrown: the stack of another thread, as logs show stacks. */
    private static final class WhereItIs extends RuntimeException {
        private static final long serialVersionUID = 1;

        WhereItIs(Thread thread) {
            super(thread.getName() + " is here", null, false, true);
            setStackTrace(thread.getStackTrace());
        }
    }
}
