package dev.interlock.redis;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.OwnThreads;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process' tie to Redis: looks for it until it is found, asks it every 100 ms whether it works, and says whether
 * this process is {@linkplain Attachment attached}. Safe for use by any thread.
 */
final class RedisLink implements AutoCloseable {
    /** Hears how the tie does, on the link's thread; must not block for long. */
    interface Watcher {
        /** From now on this process goes by what the others say. */
        default void onAttached() {}

        /** From now on it goes by its own figures. */
        default void onDetached() {}

        /** What Redis knew it knows no more. */
        default void onForgotten() {}
    }

    /** What Redis answers to a beat: which key names its life, or null, and that; and its time. */
    private record Answer(@Nullable String key, String life, String seconds, String rest) {
        long micros() {
            return 1_000_000 * Long.parseLong(seconds) + Long.parseLong(rest);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final long BEAT_MILLIS = 100;

    private final RedisSettings settings;
    private final Skew skew;
    private final InstantSource clock;
    private final ClientResources resources;
    private final ScheduledExecutorService thread;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final Attachment attachment = new Attachment();
    private volatile @Nullable Connected connected;
    private volatile boolean closed;
    private final Lives lives;
    private int turn;

    /** When the last beat was sent that was answered in time, and how long its answer took, by {@link System#nanoTime}. */
    private volatile long answeredBeat = System.nanoTime();

    private volatile long answerTook;

    RedisLink(RedisSettings settings, Keys keys, Skew skew, InstantSource clock) {
        this.settings = settings;
        this.lives = new Lives(keys);
        this.skew = skew;
        this.clock = clock;
        resources = ClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .reconnectDelay(
                        Delay.exponential(Duration.ofMillis(10), Duration.ofMillis(500), 2, TimeUnit.MILLISECONDS))
                .build();
        thread = Executors.newSingleThreadScheduledExecutor(OwnThreads.factory("interlock-redis"));
    }

    /** Looks for Redis once, on the caller's thread, and goes on by itself. */
    void start() {
        connect();
        thread.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
    }

    void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    boolean isAttached() {
        return attachment.isAttached();
    }

    RedisSettings settings() {
        return settings;
    }

    ScheduledExecutorService thread() {
        return thread;
    }

    /** The client, also while detached. */
    Connected connected() {
        Connected present = connected;
        if (present == null) {
            throw StoreUnavailableException.notAsked("Redis at " + settings.place() + " cannot be reached", null);
        }
        return present;
    }

    /** The client, while this process is attached. */
    Connected attached() {
        if (!attachment.isAttached()) {
            throw StoreUnavailableException.notAsked(
                    "Redis at " + settings.place() + " cannot be reached, or answers too slowly", null);
        }
        return connected();
    }

    /** Waits for an answer for as long as one may take. */
    <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("Interrupted while waiting for Redis", interrupted);
        } catch (TimeoutException | ExecutionException failed) {
            throw new StoreUnavailableException(
                    "Redis at " + settings.place() + " did not do what it was asked: " + reason(failed), failed);
        }
    }

    private static String reason(Exception failed) {
        Throwable cause = failed.getCause();
        return cause == null ? "no answer in time" : String.valueOf(cause.getMessage());
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        try {
            thread.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        Connected present = connected;
        if (present != null) {
            present.close();
        }
        resources.shutdown(0, 1, TimeUnit.SECONDS);
    }

    /** How long the last answer took, or has not come since. */
    Duration lag() {
        long silent = System.nanoTime() - answeredBeat - TimeUnit.MILLISECONDS.toNanos(2 * BEAT_MILLIS);
        return Duration.ofNanos(Math.max(answerTook, silent));
    }

    private void connect() {
        try {
            Connected found = Connected.connect(settings.addresses(), resources, settings.timeout());
            connected = found;
            if (closed) {
                found.close();
                return;
            }
            Instant before = clock.instant();
            take(before, ask(found).get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
            Failpoint.REDIS_FOUND.reach();
            attachment.begin();
            report(Watcher::onAttached);
            LOG.info("Circuits are shared through Redis at {}", settings.place());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | ExecutionException | TimeoutException unreachable) {
            LOG.debug("Redis at {} was not found", settings.place(), unreachable);
        }
    }

    /** Asks whether Redis works; an answer that is not there in time is bad, whatever becomes of it. */
    private void beat() {
        try {
            Connected present = connected;
            if (present == null) {
                connect();
                return;
            }
            Instant before = clock.instant();
            long sent = System.nanoTime();
            AtomicBoolean judged = new AtomicBoolean();
            CompletableFuture<Answer> answer = ask(present);
            answer.whenCompleteAsync(
                    (beat, failed) -> {
                        if (judged.compareAndSet(false, true)) {
                            judge(before, sent, failed == null ? beat : null);
                        }
                    },
                    thread);
            thread.schedule(
                    () -> {
                        if (judged.compareAndSet(false, true)) {
                            bad();
                        }
                    },
                    settings.slowAfter().toNanos(),
                    TimeUnit.NANOSECONDS);
        } catch (Throwable failed) { // an executor never again runs a periodic task that throws
            if (!closed) {
                LOG.debug("Redis at {} could not be asked", settings.place(), failed);
                bad();
            }
        }
    }

    private CompletableFuture<Answer> ask(Connected present) {
        Connected.Master master = present.master(turn++);
        String life = lives.key(master, present.isCluster());
        if (life == null) {
            return time(master);
        }
        CompletableFuture<Answer> beat = Script.HEARTBEAT
                .<List<Object>>run(
                        master.commands(),
                        ScriptOutputType.MULTI,
                        new String[] {life},
                        UUID.randomUUID().toString())
                .thenApply(answer ->
                        new Answer(life, (String) answer.get(0), (String) answer.get(1), (String) answer.get(2)));
        // A master of a Cluster that has handed its slots over works, too.
        return present.isCluster()
                ? beat.exceptionallyCompose(failed -> failed instanceof RedisCommandExecutionException
                                || failed.getCause() instanceof RedisCommandExecutionException
                        ? time(master)
                        : CompletableFuture.failedFuture(failed))
                : beat;
    }

    private static CompletableFuture<Answer> time(Connected.Master master) {
        return master.commands()
                .time()
                .toCompletableFuture()
                .thenApply(answer -> new Answer(null, "", answer.get(0), answer.get(1)));
    }

    private void judge(Instant before, long sent, @Nullable Answer answer) {
        try {
            if (answer != null) {
                good(before, answer);
                answerTook = System.nanoTime() - sent;
                answeredBeat = sent;
                return;
            }
        } catch (Throwable failed) { // an answer of which nothing can be made is no good one
            LOG.debug("What Redis at {} answers cannot be taken in", settings.place(), failed);
        }
        bad();
    }

    /** Whatever a watcher throws, the others hear it, and the heart goes on beating. */
    private void report(Consumer<Watcher> event) {
        for (Watcher watcher : watchers) {
            try {
                event.accept(watcher);
            } catch (Throwable failed) {
                LOG.warn("Something that goes by the tie to Redis failed", failed);
            }
        }
    }

    private void good(Instant before, Answer answer) {
        take(before, answer);
        if (attachment.good()) {
            LOG.info("Attached to Redis at {} again", settings.place());
            report(Watcher::onAttached);
        }
    }

    /** Learns Redis' time, and whether it still has its memory. */
    private void take(Instant before, Answer answer) {
        skew.answered(before, answer.micros(), clock.instant());
        if (answer.key() != null && lives.isAnother(answer.key(), answer.life())) {
            LOG.warn("Redis at {} has forgotten what it knew; it is informed again", settings.place());
            report(Watcher::onForgotten);
        }
    }

    private void bad() {
        if (attachment.bad()) {
            LOG.warn("Detached: Redis at {} cannot be reached, or answers too slowly", settings.place());
            report(Watcher::onDetached);
        }
    }
}
