package dev.interlock.redis;

import dev.interlock.failpoints.Failpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Redis' answers to heartbeats come to: whether this process is {@linkplain Attachment attached}, what time Redis
 * has, whether it has forgotten what it knew, and how far it is behind. Answers are taken in by one thread at a time; may
 * be asked by any. Ticks are those of {@link System#nanoTime}.
 */
final class Pulse {
    /** Hears how the tie to Redis does, on the thread that takes answers in; must not block for long. */
    interface Watcher {
        /** From now on this process goes by what the others say. */
        default void onAttached() {}

        /** From now on it goes by its own figures. */
        default void onDetached() {}

        /** What Redis knew it knows no more. */
        default void onForgotten() {}
    }

    /** What Redis answers to a beat: which key names its life, or null, and that; and its time. */
    record Answer(@Nullable String key, String life, String seconds, String rest) {
        private long micros() {
            return 1_000_000 * Long.parseLong(seconds) + Long.parseLong(rest);
        }
    }

    /** How often Redis is asked. */
    static final Duration EVERY = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);

    /** An answer that is no older than this is the last one that there can be. */
    private static final long USUAL_NANOS = 2 * EVERY.toNanos();

    private final String place;
    private final Lives lives;
    private final Skew skew;
    private final InstantSource clock;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final Attachment attachment = new Attachment();

    /** When the last beat was sent that was answered in time, and how long its answer took. */
    private volatile long answeredBeat;

    private volatile long answerTook;

    /**
     * @param place where Redis is, for people
     * @param now the present tick
     */
    Pulse(String place, Lives lives, Skew skew, InstantSource clock, long now) {
        this.place = place;
        this.lives = lives;
        this.skew = skew;
        this.clock = clock;
        this.answeredBeat = now;
    }

    void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    boolean isAttached() {
        return attachment.isAttached();
    }

    /** How long the last answer took, or has not come since. */
    Duration lag(long now) {
        return Duration.ofNanos(Math.max(answerTook, now - answeredBeat - USUAL_NANOS));
    }

    /** Takes in the answer of a Redis that was found just now, which needs no other proof. */
    void found(Instant before, Answer answer) {
        take(before, answer);
        Failpoint.REDIS_FOUND.reach();
        attachment.begin();
        report(Watcher::onAttached);
    }

    /**
     * Takes in what became of a beat.
     *
     * @param before the wall clock's time when it was sent
     * @param sent the tick when it was sent
     * @param answer null if it failed
     * @param now the present tick
     */
    void judge(Instant before, long sent, @Nullable Answer answer, long now) {
        try {
            if (answer != null) {
                good(before, answer);
                answerTook = now - sent;
                answeredBeat = sent;
                return;
            }
        } catch (Throwable failed) { // an answer that cannot be read is no good one
            LOG.debug("What Redis at {} answers cannot be taken in", place, failed);
        }
        bad();
    }

    /** Takes in that a beat was not answered in time, or could not be sent. */
    void bad() {
        if (attachment.bad()) {
            LOG.warn("Detached: Redis at {} cannot be reached, or answers too slowly", place);
            report(Watcher::onDetached);
        }
    }

    private void good(Instant before, Answer answer) {
        take(before, answer);
        if (attachment.good()) {
            LOG.info("Attached to Redis at {} again", place);
            report(Watcher::onAttached);
        }
    }

    /** Learns Redis' time, and whether it still has its memory. */
    private void take(Instant before, Answer answer) {
        skew.answered(before, answer.micros(), clock.instant());
        if (answer.key() != null && lives.isAnother(answer.key(), answer.life())) {
            LOG.warn("Redis at {} has lost its data; it gets the data again", place);
            report(Watcher::onForgotten);
        }
    }

    /** Whatever a watcher throws, the others hear it, and the heart goes on beating. */
    private void report(Consumer<Watcher> event) {
        for (Watcher watcher : watchers) {
            try {
                event.accept(watcher);
            } catch (Throwable failed) {
                LOG.warn("A listener for the connection to Redis failed", failed);
            }
        }
    }
}
