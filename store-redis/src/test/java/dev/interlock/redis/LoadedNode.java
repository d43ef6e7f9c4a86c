package dev.interlock.redis;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.Hold;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.StateTransition;
import dev.interlock.redis.Nodes.Node;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A node whose callers call one circuit all the time, and which reports line by line what happens to it: nanoseconds of
 * the machine's clock, that all processes read alike, a word, and what belongs to it. It obeys commands, a line each.
 */
final class LoadedNode implements AutoCloseable {
    /** Trials that may run at one time. */
    static final int CAP = 2;

    /** A circuit that only people move. */
    static final CircuitId HELD = CircuitId.of("held");

    private static final int CALLERS = 2;
    private static final Duration COMPARED_EVERY = Duration.ofSeconds(3);

    /**
     * How a node begins.
     *
     * @param url where it finds Redis
     * @param database where it finds the Redis that stands for a database behind that one; empty if there is none
     * @param prefix with what keys begin
     * @param off how far its clock is off
     * @param slowAfter when an answer of Redis is slow
     * @param seed of its callers
     */
    record Setup(String url, String database, String prefix, Duration off, Duration slowAfter, long seed) {
        List<String> words() {
            return List.of(url, database, prefix, off.toString(), slowAfter.toString(), Long.toString(seed));
        }

        static Setup of(String[] words) {
            return new Setup(
                    words[0],
                    words[1],
                    words[2],
                    Duration.parse(words[3]),
                    Duration.parse(words[4]),
                    Long.parseLong(words[5]));
        }
    }

    private final Consumer<String> history;
    private final Node node;
    private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    private final Thread watcher = new Thread(this::watch, "watcher");
    private final AtomicLong trials = new AtomicLong();
    private Runnable archived = () -> {};
    private volatile int failing = 20;
    private volatile boolean quiet;
    private volatile boolean closed;

    LoadedNode(Setup setup, Consumer<String> history) {
        this.history = history;
        try {
            node = new Node(
                    RedisSettings.of(setup.url()).withPrefix(setup.prefix()).withSlowAfter(setup.slowAfter()),
                    config(),
                    new OffClock(setup.off()),
                    this::moved,
                    store ->
                            setup.database().isEmpty() ? new ToldStore(store, this::note) : withDatabase(store, setup));
        } catch (StoreUnavailableException away) {
            archived.run();
            throw away;
        }
        node.store.link().watch(new Pulse.Watcher() {
            @Override
            public void onForgotten() {
                note("forgot");
            }
        });
        node.manager.getOrCreate(HELD);
        node.planner();
        note("begun", node.manager.generation());
        Random random = new Random(setup.seed());
        for (int i = 0; i < CALLERS; i++) {
            Random own = new Random(random.nextLong());
            callers.execute(() -> call(own));
        }
        watcher.setDaemon(true);
        watcher.start();
    }

    /** It answers at its leisure, and a write that it does not answer fails in time. */
    private CircuitStore withDatabase(RedisCircuitStore redis, Setup setup) {
        RedisSettings settings =
                new RedisSettings(setup.database(), setup.prefix(), Duration.ofSeconds(1), Duration.ofSeconds(1), 0);
        RedisCircuitStore kept = RedisCircuitStore.open(settings, new OffClock(setup.off())::wallTime);
        ToldStore database = ToldStore.ofDatabase(kept, this::note);
        ToldStore comparisons = ToldStore.ofComparisons(redis, this::note);
        ArchivedStore both = new ArchivedStore(redis, database, new Comparison(comparisons, database, COMPARED_EVERY));
        redis.link().watch(both);
        archived = () -> {
            both.close();
            kept.close();
        };
        return new ToldStore(both, this::note, database, comparisons);
    }

    static CircuitBreakerConfig config() {
        return CircuitBreakerConfig.builder()
                .scope(Scope.SHARED)
                .failureThreshold(4)
                .minRequestsForRate(10)
                .halfOpenMaxRequests(CAP)
                .trialsAtOnce(CAP)
                .successThreshold(CAP)
                .trialTimeout(Duration.ofSeconds(20))
                .cooldown(Duration.ofMillis(600))
                .build();
    }

    /** {@code failing PERCENT}, {@code order ACTION ACTOR UNTIL} or {@code quiet}. */
    void command(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "failing" -> failing = Integer.parseInt(words[1]);
            case "order" -> order(OverrideAction.valueOf(words[1]), words[2], Instant.parse(words[3]));
            case "quiet" -> {
                quiet = true;
                endCalls();
                note("quiet");
            }
            default -> throw new IllegalArgumentException(line);
        }
    }

    @Override
    public void close() {
        quiet = true;
        endCalls();
        closed = true;
        try {
            watcher.join(10_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        node.manager.close();
        archived.run();
        node.close();
    }

    private synchronized void note(String what, Object... more) {
        StringBuilder line =
                new StringBuilder().append(System.nanoTime()).append(' ').append(what);
        Arrays.stream(more).forEach(each -> line.append(' ').append(each));
        history.accept(line.toString());
    }

    private void moved(StateTransition to) {
        note(
                "moved",
                to.id().name(),
                to.from(),
                to.to(),
                to.cause(),
                to.epoch(),
                ToldStore.micros(to.at()),
                to.hold() == null ? "free" : "held",
                to.actor() == null ? "-" : to.actor());
    }

    /** Calls one after the other; a trial begins after its permit was given, and ends before that is settled. */
    private void call(Random own) {
        while (!quiet) {
            boolean detached = node.manager.isDetached();
            long asked = System.nanoTime();
            Permit permit = node.planner().tryAcquire();
            if (permit != null) {
                note("admits", Nodes.PLANNER.name(), asked, permit.isTrial());
                long trial = permit.isTrial() ? trials.incrementAndGet() : 0;
                if (trial > 0) {
                    note("begins", trial, detached || node.manager.isDetached());
                }
                pause(1 + own.nextInt(20));
                if (trial > 0) {
                    note("ends", trial);
                }
                if (own.nextInt(100) < failing) {
                    permit.fail(FailureKind.TIMEOUT);
                } else {
                    permit.succeed();
                }
            }
            pause(5);
        }
    }

    private void order(OverrideAction action, String actor, Instant until) {
        node.manager.override(HELD, ManualOverride.of(action, actor).until(until));
        node.manager.stored(HELD).thenAccept(durable -> {
            if (durable) {
                note("acknowledged", HELD.name(), actor);
            }
        });
        note("ordered", actor);
    }

    /** Reports whenever something has changed. */
    private void watch() {
        String before = "";
        while (!closed) {
            CircuitSnapshot planner = node.look();
            Hold hold = node.manager.snapshot(HELD).hold();
            String present = String.join(
                    " ",
                    Boolean.toString(node.manager.isDetached()),
                    planner.state() + (planner.hold() == null ? "" : "_HELD"),
                    hold == null
                            ? "nobody"
                            : hold.actor() + "_" + node.manager.snapshot(HELD).state());
            if (!present.equals(before)) {
                note("is", present);
                before = present;
            }
            pause(2);
        }
    }

    private void endCalls() {
        callers.shutdown();
        try {
            if (!callers.awaitTermination(20, TimeUnit.SECONDS)) {
                note("hangs");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
