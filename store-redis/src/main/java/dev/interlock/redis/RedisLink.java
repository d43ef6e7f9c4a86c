package dev.interlock.redis;

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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process' tie to Redis: looks for it until it is found, asks it every 100 ms whether it works, and hands what it
 * answers to the {@link Pulse}. Safe for use by any thread.
 */
final class RedisLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

    private final RedisSettings settings;
    private final InstantSource clock;
    private final ClientResources resources;
    private final ScheduledExecutorService thread;
    private final Lives lives;
    private final Pulse pulse;
    private volatile @Nullable Connected connected;
    private volatile boolean closed;

    /** Whether it ever answered, and whether it was said that it does not; only for the thread that asks. */
    private boolean found;

    private boolean missed;
    private int turn;

    RedisLink(RedisSettings settings, Keys keys, Skew skew, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        lives = new Lives(keys);
        pulse = new Pulse(settings.place(), lives, skew, clock, System.nanoTime());
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
        thread.scheduleWithFixedDelay(this::beat, Pulse.EVERY.toNanos(), Pulse.EVERY.toNanos(), TimeUnit.NANOSECONDS);
    }

    void watch(Pulse.Watcher watcher) {
        pulse.watch(watcher);
    }

    boolean isAttached() {
        return pulse.isAttached();
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
        if (!pulse.isAttached()) {
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
        if (failed instanceof TimeoutException) {
            return "no answer in time";
        }
        return String.valueOf((failed.getCause() == null ? failed : failed.getCause()).getMessage());
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
        return pulse.lag(System.nanoTime());
    }

    private void connect() {
        try {
            Connected made = Connected.connect(settings.addresses(), resources, settings.timeout());
            connected = made;
            if (closed) {
                made.close();
                return;
            }
            Instant before = clock.instant();
            found(before, ask(made).get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | ExecutionException | TimeoutException unreachable) {
            missed(unreachable);
        }
    }

    /** It answers for the first time. */
    private void found(Instant before, Pulse.Answer answer) {
        pulse.found(before, answer);
        found = true;
        LOG.info("Circuits are shared through Redis at {}", settings.place());
    }

    private void missed(Exception why) {
        if (!missed) {
            missed = true;
            LOG.warn("Redis at {} was not found, and is looked for: {}", settings.place(), reason(why));
        }
        LOG.debug("Redis at {} was not found", settings.place(), why);
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
            CompletableFuture<Pulse.Answer> answer = ask(present);
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
                            pulse.bad();
                        }
                    },
                    settings.slowAfter().toNanos(),
                    TimeUnit.NANOSECONDS);
        } catch (Throwable failed) { // an executor never again runs a periodic task that throws
            if (!closed) {
                LOG.debug("Redis at {} could not be asked", settings.place(), failed);
                pulse.bad();
            }
        }
    }

    private void judge(Instant before, long sent, Pulse.@Nullable Answer beat) {
        if (beat == null || found) {
            pulse.judge(before, sent, beat, System.nanoTime());
            return;
        }
        try {
            found(before, beat);
        } catch (RuntimeException useless) {
            missed(useless);
        }
    }

    private CompletableFuture<Pulse.Answer> ask(Connected present) {
        Connected.Master master = present.master(turn++);
        String life = lives.key(master, present.isCluster());
        if (life == null) {
            return time(master);
        }
        CompletableFuture<Pulse.Answer> beat = Script.HEARTBEAT
                .<List<Object>>run(
                        master.commands(),
                        ScriptOutputType.MULTI,
                        new String[] {life},
                        UUID.randomUUID().toString())
                .thenApply(answer ->
                        new Pulse.Answer(life, (String) answer.get(0), (String) answer.get(1), (String) answer.get(2)));
        // A master of a Cluster that has handed its slots over works, too.
        return present.isCluster()
                ? beat.exceptionallyCompose(failed -> failed.getCause() instanceof RedisCommandExecutionException
                        ? time(master)
                        : CompletableFuture.failedFuture(failed))
                : beat;
    }

    private static CompletableFuture<Pulse.Answer> time(Connected.Master master) {
        return master.commands()
                .time()
                .toCompletableFuture()
                .thenApply(answer -> new Pulse.Answer(null, "", answer.get(0), answer.get(1)));
    }
}
