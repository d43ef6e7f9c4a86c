package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.awaitility.Awaitility.await;

import dev.interlock.OverrideAction;
import dev.interlock.redis.LoadedNode.Setup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Three nodes under load, the last of them in a process of its own, the clock of one an hour off; and people who give
 * orders to them.
 */
final class Fleet implements AutoCloseable {
    static final int NODES = 3;

    /** The one that can be killed. */
    private static final int MORTAL = NODES - 1;

    /** Each order has an end of its own, so that none repeats another. */
    private static final Instant HOLDS_END = Instant.parse("2100-01-01T00:00:00Z");

    final History history = new History();

    private final Random random;
    private final IntFunction<String> urls;
    private final String database;
    private final Duration slowAfter;
    private final String prefix = "test-" + UUID.randomUUID();
    private final List<Life> nodes = new ArrayList<>();
    private final List<Life> everybody = new ArrayList<>();
    private final List<String> orders = new ArrayList<>();
    private int failing = 20;

    /** Starts them; {@code urls} says where each finds Redis. */
    Fleet(Random random, Duration slowAfter, IntFunction<String> urls) {
        this(random, slowAfter, urls, "");
    }

    /** The same with a database behind it, which another Redis stands for. */
    Fleet(Random random, Duration slowAfter, IntFunction<String> urls, String database) {
        this.random = random;
        this.urls = urls;
        this.database = database;
        this.slowAfter = slowAfter;
        int off = random.nextInt(NODES);
        int hours = random.nextBoolean() ? 1 : -1;
        for (int i = NODES - 1; i >= 0; i--) { // the process needs the longest
            nodes.add(0, start(i, i == off ? hours : 0));
        }
        nodes.forEach(this::awaitBegin);
    }

    String prefix() {
        return prefix;
    }

    /** From now on many calls fail, or few. */
    void load() {
        load(random.nextInt(3) == 0 ? 90 : 20);
    }

    /** Somebody holds a circuit open, or closed. */
    void order() {
        Life node = nodes.get(random.nextInt(NODES));
        String actor = "order-" + orders.size();
        OverrideAction action = random.nextBoolean() ? OverrideAction.HOLD_OPEN : OverrideAction.HOLD_CLOSED;
        orders.add(actor);
        awaitBegin(node);
        node.command("order " + action + " " + actor + " " + HOLDS_END.plusSeconds(orders.size()));
        eventually(() -> node.said("ordered", actor));
    }

    /** As kill -9 does, amid calls and trials; another takes its place, whose clock may be an hour off. */
    void kill() {
        Life mortal = nodes.get(MORTAL);
        awaitBegin(mortal);
        mortal.kill();
        Life next = start(MORTAL, random.nextInt(3) - 1);
        nodes.set(MORTAL, next);
        next.command("failing " + failing);
    }

    /** All calls succeed, so that all nodes attach and the circuit closes; then calls end, and all must agree. */
    void rest() {
        load(0);
        order();
        try {
            nodes.forEach(this::awaitBegin);
            eventually(() ->
                    nodes.stream().allMatch(node -> node.present().subList(0, 2).equals(List.of("false", "CLOSED"))));
            nodes.forEach(node -> node.command("quiet"));
            eventually(() -> nodes.stream().allMatch(node -> node.said("quiet")));
            eventually(this::agree);
        } catch (ConditionTimeoutException never) {
            nodes.forEach(node -> history.violated("no agreement: " + node + " says " + node.present()));
            return;
        }
        checkOrders();
    }

    /** For some time nothing happens to anybody. */
    static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public void close() {
        everybody.forEach(Life::close);
    }

    private Life start(int place, int hoursOff) {
        Setup setup = new Setup(
                urls.apply(place), database, prefix, Duration.ofHours(hoursOff), slowAfter, random.nextLong());
        String name = "node " + place + (hoursOff == 0 ? "" : " " + hoursOff + " h off") + " life " + everybody.size();
        Life life = place == MORTAL ? Life.inItsOwnProcess(name, setup) : Life.inThisProcess(name, setup);
        everybody.add(life);
        history.add(life);
        return life;
    }

    private void load(int percent) {
        failing = percent;
        nodes.forEach(node -> node.command("failing " + percent));
    }

    /** On a machine that does much else a process needs long to begin. */
    private void awaitBegin(Life node) {
        await().atMost(Duration.ofMinutes(2)).until(() -> node.said("begun"));
    }

    private boolean agree() {
        List<String> first = nodes.get(0).present();
        return nodes.stream().allMatch(node -> node.present().equals(first));
    }

    /** The last override that was acknowledged is in effect, or one that was given later. */
    private void checkOrders() {
        List<String> present = nodes.get(0).present();
        String held = present.get(2).substring(0, Math.max(0, present.get(2).lastIndexOf('_')));
        int latest = orders.indexOf(held);
        for (Life life : everybody) {
            life.lines().stream()
                    .filter(line -> line.what().equals("acknowledged")
                            && orders.indexOf(line.more().get(1)) > latest)
                    .forEach(line -> history.violated(line.more() + " was acknowledged, but " + present + " is there"));
        }
        if (latest < 0 || present.get(1).endsWith("_HELD")) {
            history.violated("at rest all say " + present);
        }
    }
}
