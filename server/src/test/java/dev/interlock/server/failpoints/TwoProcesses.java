package dev.interlock.server.failpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.StateTransition;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogRow;
import dev.interlock.redis.Proxy;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Two managers that share circuits through Redis, with one database behind it. The first may be parted from Redis; things
 * fail in both.
 */
final class TwoProcesses implements AutoCloseable {
    private static final Duration COOLDOWN = Duration.ofMillis(300);

    final CircuitBreakerManager a;
    final CircuitBreakerManager b;
    private final Database database;
    private final JdbcLogStore log;
    private final Proxy proxy;
    private final CircuitStore storeOfA;
    private final CircuitStore storeOfB;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Long> epochs = new ConcurrentHashMap<>();
    private final Map<CircuitId, Permit> trials = new ConcurrentHashMap<>();
    private final List<String> fallen = new CopyOnWriteArrayList<>();

    TwoProcesses(Path folder, Proxy proxy, RedisServer redis) {
        this.proxy = proxy;
        database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
        log = database.openLog(1 << 20);
        storeOfA = store(proxy.url());
        storeOfB = store(redis.url());
        a = manager(storeOfA, "a ");
        b = manager(storeOfB, "b ");
    }

    private CircuitStore store(String url) {
        return RedisCircuitStore.open(RedisSettings.of(url).withSlowAfter(Duration.ofMillis(500)))
                .inFrontOf(database.circuits());
    }

    private CircuitBreakerManager manager(CircuitStore store, String who) {
        return CircuitBreakerManager.builder()
                .store(store)
                .defaults(CircuitBreakerConfig.builder()
                        .scope(Scope.SHARED)
                        .cooldown(COOLDOWN)
                        .cooldownMax(COOLDOWN)
                        .trialTimeout(Duration.ofMinutes(2))
                        .build())
                .listener(new CircuitListener() {
                    @Override
                    public void onTransition(StateTransition transition) {
                        Long before = epochs.put(who + transition.id(), transition.epoch());
                        if (before != null && before >= transition.epoch()) {
                            fallen.add(who + transition + " after " + before);
                        }
                    }
                })
                .build();
    }

    /** Brings a circuit into a state, which both processes see. */
    void begin(Situation situation, String name) {
        names.add(name);
        CircuitId id = CircuitId.of(name);
        switch (situation) {
            case CLOSED -> override(a, name, OverrideAction.RESET);
            case OPEN, HALF_OPEN -> override(a, name, OverrideAction.OPEN);
            case HELD -> override(a, name, OverrideAction.HOLD_OPEN);
        }
        CircuitState state = situation == Situation.CLOSED ? CircuitState.CLOSED : CircuitState.OPEN;
        Eventually.is(name + " begins", () -> b.snapshot(id).state() == state && stored(a, id));
    }

    /** Does what leads to a place. */
    void stir(Situation situation, Failpoint point, String name) {
        CircuitId id = CircuitId.of(name);
        try {
            if (situation == Situation.HALF_OPEN) {
                halfOpen(id);
            }
            switch (point) {
                case GATE_SHOWN, GATES_WRITTEN, GATE_ROW_WRITTEN, GATE_AGREED -> gate(name);
                case TRIAL_GIVEN, TRIAL_ENDED -> trial(id);
                case LOG_WRITTEN -> entry(name);
                case GENERATION_GIVEN, REDIS_FOUND -> third();
                default -> again(situation, name);
            }
        } catch (RuntimeException thrown) {
            if (!String.valueOf(thrown.getMessage()).contains("failpoint")
                    && !(thrown instanceof StoreUnavailableException)) {
                throw thrown;
            }
        }
    }

    CircuitSnapshot look(String name) {
        return a.snapshot(CircuitId.of(name));
    }

    /** At rest both processes and the database say the same of each circuit and of gates, and an override is stored. */
    void agree(Situation situation) {
        if (situation == Situation.HELD) {
            for (String name : names) {
                assertThat(look(name).hold()).as("the hold of %s", name).isNotNull();
                assertThat(look(name).hold().actor()).isEqualTo("ada");
            }
        }
        for (String name : names) {
            CircuitId id = CircuitId.of(name);
            a.override(id, ManualOverride.of(OverrideAction.HOLD_CLOSED, "ben").because("last " + name));
            Eventually.is(name + " is stored", () -> stored(a, id));
            Eventually.is(name + " is heard", () -> isHeldByBen(b.snapshot(id)) && isHeldByBen(a.snapshot(id)));
            Eventually.is(name + " is in the database", () -> {
                CircuitRecord record = database.circuits().find("default", name);
                return record != null && record.held() && "ben".equals(record.actor());
            });
        }
        a.gates().list().forEach(gate -> a.gates().remove("default", gate.id(), "ben", null));
        Eventually.is(
                "no gate is left",
                () -> a.gates().list().isEmpty()
                        && b.gates().list().isEmpty()
                        && database.circuits().gates().read(Instant.now()).isEmpty());
        assertThat(fallen).as("epochs that did not rise").isEmpty();
    }

    private static boolean isHeldByBen(CircuitSnapshot circuit) {
        return circuit.hold() != null && "ben".equals(circuit.hold().actor());
    }

    private static boolean stored(CircuitBreakerManager circuits, CircuitId id) {
        return circuits.stored(id)
                .toCompletableFuture()
                .completeOnTimeout(false, 10, TimeUnit.SECONDS)
                .join();
    }

    private static void override(CircuitBreakerManager circuits, String name, OverrideAction action) {
        circuits.override(CircuitId.of(name), ManualOverride.of(action, "ada"));
    }

    /** An override that leaves the circuit as it is, and is stored all the same. */
    private void again(Situation situation, String name) {
        switch (situation) {
            case CLOSED -> override(a, name, OverrideAction.CLOSE);
            case OPEN, HALF_OPEN -> override(a, name, OverrideAction.OPEN);
            case HELD -> override(a, name, OverrideAction.HOLD_OPEN);
        }
    }

    /** Calls come until one is a trial, which goes on. */
    private void halfOpen(CircuitId id) {
        if (a.snapshot(id).state() == CircuitState.CLOSED) {
            a.override(id, ManualOverride.of(OverrideAction.OPEN, "ada"));
        }
        Eventually.is(id + " is half-open", () -> {
            Permit permit = a.getOrCreate(id).tryAcquire();
            if (permit != null) {
                trials.put(id, permit);
            }
            return a.snapshot(id).state() == CircuitState.HALF_OPEN;
        });
    }

    private void trial(CircuitId id) {
        Permit permit = trials.remove(id);
        if (permit == null) {
            permit = a.getOrCreate(id).tryAcquire();
        }
        if (permit != null) {
            permit.fail(FailureKind.TIMEOUT);
        }
    }

    private void gate(String name) {
        a.gates().put(Gate.ofAgents("default", name, "ada").named("gate-" + name));
    }

    private void entry(String name) {
        log.append(List.of(new LogRow(
                "default",
                Instant.now(),
                LogEntry.builder(name, ActionType.TOOL_CALL, Instant.now()).build())));
        log.flush(Duration.ofMillis(200));
    }

    /** A third process comes and goes. */
    private void third() {
        try (CircuitStore store = store(proxy.url());
                CircuitBreakerManager third = manager(store, "third " + System.nanoTime() + " ")) {
            third.size();
        }
    }

    @Override
    public void close() {
        a.close();
        b.close();
        log.close();
        storeOfA.close();
        storeOfB.close();
        database.close();
    }
}
