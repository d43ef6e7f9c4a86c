package dev.interlock.redis;

import static dev.interlock.redis.Nodes.PLANNER;
import static dev.interlock.redis.Nodes.eventually;

import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Hold;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One round: three nodes, each behind a proxy of its own, one Redis, load, three faults, and what must hold after. */
final class FaultRound implements AutoCloseable {
    static final int CAP = 2;

    private static final CircuitId HELD = CircuitId.of("held");
    private static final int NODES = 3;

    /** Each order has an end of its own, so that none repeats another. */
    private static final Instant HOLDS_END = Instant.parse("2100-01-01T00:00:00Z");

    /** One of the nodes, of the first life or a later one. */
    private static final class Place {
        private final Proxy proxy;
        private volatile Node node;
        private volatile boolean dead;

        Place(Proxy proxy, Node node) {
            this.proxy = proxy;
            this.node = node;
        }
    }

    private final Random random;
    private final RedisServer redis = RedisServer.start();
    private final Nodes nodes = new Nodes(config -> config.failureThreshold(4)
            .minRequestsForRate(10)
            .halfOpenMaxRequests(CAP)
            .trialsAtOnce(CAP)
            .successThreshold(CAP)
            .trialTimeout(Duration.ofSeconds(20))
            .cooldown(Duration.ofMillis(600)));
    private final List<Place> places = new CopyOnWriteArrayList<>();
    private final List<Node> everybody = new CopyOnWriteArrayList<>();
    private final History history = new History();
    private final ExecutorService callers = Executors.newCachedThreadPool();
    private final AtomicInteger failing = new AtomicInteger(20);
    private final List<String> acknowledged = new CopyOnWriteArrayList<>();
    private final List<String> orders = new CopyOnWriteArrayList<>();
    private volatile boolean stop;

    FaultRound(Random random) {
        this.random = random;
        for (int i = 0; i < NODES; i++) {
            Proxy proxy = new Proxy(redis.port());
            Place place = new Place(proxy, node(proxy));
            places.add(place);
        }
    }

    void run() {
        for (int i = 0; i < NODES; i++) {
            Place place = places.get(i);
            for (int caller = 0; caller < 2; caller++) {
                long seed = random.nextLong();
                callers.execute(() -> call(place, new Random(seed)));
            }
        }
        for (int fault = 0; fault < 3; fault++) {
            failing.set(random.nextInt(3) == 0 ? 90 : 20);
            order();
            befall();
            pause(200 + random.nextInt(500));
        }
        history.event("calm");
        failing.set(0);
        places.forEach(place -> place.proxy.mode(Proxy.Mode.PASS));
        order();
        eventually(() -> places.stream().noneMatch(place -> place.node.manager.isDetached()));
        stop = true;
        callers.shutdown();
        try {
            if (!callers.awaitTermination(20, TimeUnit.SECONDS)) {
                history.violated("callers hang");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        atRest();
    }

    List<String> violations() {
        everybody.forEach(node -> history.check(node.transitions));
        return history.violations();
    }

    @Override
    public void close() {
        stop = true;
        callers.shutdownNow();
        nodes.close();
        places.forEach(place -> place.proxy.close());
        redis.close();
    }

    private Node node(Proxy proxy) {
        Node node = nodes.start(proxy.url(), Duration.ofMillis(150));
        everybody.add(node);
        return node;
    }

    /** Calls one after the other; trials are noted while they run. */
    private void call(Place place, Random own) {
        while (!stop) {
            Node node = place.node;
            if (!place.dead) {
                boolean detached = node.manager.isDetached();
                Permit permit = node.planner().tryAcquire();
                if (permit != null) {
                    History.Trial trial = permit.isTrial() ? history.begins(node, detached) : null;
                    pause(1 + own.nextInt(20));
                    if (trial != null) {
                        history.ends(trial);
                    }
                    if (own.nextInt(100) < failing.get()) {
                        permit.fail(FailureKind.TIMEOUT);
                    } else {
                        permit.succeed();
                    }
                }
            }
            pause(5);
        }
    }

    private void order() {
        Place place = places.get(random.nextInt(NODES));
        Node node = place.node;
        String actor = "order-" + orders.size();
        orders.add(actor);
        OverrideAction action = random.nextBoolean() ? OverrideAction.HOLD_OPEN : OverrideAction.HOLD_CLOSED;
        node.manager.override(HELD, ManualOverride.of(action, actor).until(HOLDS_END.plusSeconds(orders.size())));
        CompletableFuture<Boolean> stored = node.manager.stored(HELD).toCompletableFuture();
        stored.thenAccept(durable -> {
            if (durable && !place.dead && place.node == node) {
                acknowledged.add(actor);
            }
        });
        pause(50);
    }

    private void befall() {
        Place place = places.get(random.nextInt(NODES));
        int fault = random.nextInt(7);
        history.event("fault " + fault + " of node " + places.indexOf(place));
        switch (fault) {
            case 0 -> {
                place.proxy.mode(Proxy.Mode.CUT);
                pause(300 + random.nextInt(900));
                place.proxy.mode(Proxy.Mode.PASS);
            }
            case 1 -> {
                place.proxy.mode(Proxy.Mode.SILENT);
                pause(300 + random.nextInt(900));
                place.proxy.mode(Proxy.Mode.PASS);
            }
            case 2 -> {
                place.proxy.delay(100 + random.nextInt(300));
                pause(900);
                place.proxy.delay(0);
            }
            case 3 ->
                redis.run(commands -> commands.clientPause(200 + random.nextInt(random.nextInt(6) == 0 ? 5_000 : 800)));
            case 4 -> {
                history.forgets();
                redis.run(commands -> commands.flushall());
                history.forgets();
            }
            case 5 -> {
                history.forgets();
                redis.kill();
                pause(100 + random.nextInt(900));
                redis.restart();
                history.forgets();
            }
            default -> die(place);
        }
    }

    /** As kill -9 does to a process: from one moment to the next nothing of it reaches Redis any more. */
    private void die(Place place) {
        Node before = place.node;
        place.dead = true;
        place.proxy.mode(Proxy.Mode.CUT);
        history.dies(before);
        Proxy proxy = new Proxy(redis.port());
        Place next = new Place(proxy, node(proxy));
        places.set(places.indexOf(place), next);
        callers.execute(() -> call(next, new Random(1)));
    }

    /** All agree, and the last order that was acknowledged stands, or one that was given later. */
    private void atRest() {
        try {
            eventually(() -> {
                CircuitSnapshot first = places.get(0).node.look();
                Hold hold = places.get(0).node.manager.snapshot(HELD).hold();
                return hold != null
                        && !orders.isEmpty()
                        && places.stream()
                                .allMatch(place -> place.node.look().state() == first.state()
                                        && Objects.equals(
                                                hold,
                                                place.node
                                                        .manager
                                                        .snapshot(HELD)
                                                        .hold()));
            });
        } catch (RuntimeException never) {
            places.forEach(place -> history.violated(
                    "no agreement: " + place.node.look() + " held " + place.node.manager.snapshot(HELD)));
            return;
        }
        Hold hold = places.get(0).node.manager.snapshot(HELD).hold();
        int stands = hold == null ? -1 : orders.indexOf(hold.actor());
        for (String actor : new ArrayList<>(acknowledged)) {
            if (orders.indexOf(actor) > stands) {
                history.violated(actor + " was acknowledged, but " + hold + " stands");
            }
        }
        if (places.get(0).node.look().state() == CircuitState.CLOSED
                && places.get(0).node.manager.snapshot(PLANNER).hold() != null) {
            history.violated("somebody holds what nobody held");
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
