package dev.interlock.redis;

import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.CircuitSnapshot;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.StateTransition;
import dev.interlock.TimeSource;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Several nodes in one process, each with a manager and a Redis store of its own, that share their circuits. */
final class Nodes implements AutoCloseable {
    static final CircuitId PLANNER = CircuitId.of("planner");

    /** One of them. */
    static final class Node implements AutoCloseable {
        final RedisCircuitStore store;
        final CircuitBreakerManager manager;
        final List<StateTransition> transitions = new CopyOnWriteArrayList<>();

        Node(RedisSettings settings, CircuitBreakerConfig config) {
            this(settings, config, TimeSource.system(), moved -> {}, store -> store);
        }

        /** @param seen makes of the store what the manager sees of it */
        Node(
                RedisSettings settings,
                CircuitBreakerConfig config,
                TimeSource time,
                Consumer<StateTransition> listener,
                Function<RedisCircuitStore, CircuitStore> seen) {
            store = RedisCircuitStore.open(settings, time::wallTime);
            try {
                manager = build(config, time, listener, seen.apply(store));
            } catch (StoreUnavailableException away) {
                store.close();
                throw away;
            }
        }

        private CircuitBreakerManager build(
                CircuitBreakerConfig config, TimeSource time, Consumer<StateTransition> listener, CircuitStore seen) {
            return CircuitBreakerManager.builder()
                    .defaults(config)
                    .time(time)
                    .store(seen)
                    .listener(new CircuitListener() {
                        @Override
                        public void onTransition(StateTransition transition) {
                            transitions.add(transition);
                            listener.accept(transition);
                        }
                    })
                    .executor(Runnable::run)
                    .build();
        }

        CircuitBreaker planner() {
            return manager.getOrCreate(PLANNER);
        }

        CircuitSnapshot look() {
            return manager.snapshot(PLANNER);
        }

        /** Makes a call that fails, if it is let in. */
        boolean fail() {
            return fail(FailureKind.TIMEOUT);
        }

        boolean fail(FailureKind kind) {
            Permit permit = planner().tryAcquire();
            if (permit != null) {
                permit.fail(kind);
            }
            return permit != null;
        }

        /** Makes a call that succeeds, if it is let in. */
        boolean succeed() {
            Permit permit = planner().tryAcquire();
            if (permit != null) {
                permit.succeed();
            }
            return permit != null;
        }

        void fail(int times) {
            for (int i = 0; i < times; i++) {
                fail();
            }
        }

        void order(OverrideAction action, String actor) {
            manager.override(PLANNER, ManualOverride.of(action, actor));
        }

        @Override
        public void close() {
            manager.close();
            store.close();
        }
    }

    private final String prefix = "test-" + UUID.randomUUID();
    private final List<Node> nodes = new ArrayList<>();
    private final CircuitBreakerConfig config;

    Nodes(UnaryOperator<ConfigBuilder> settings) {
        config = settings.apply(CircuitBreakerConfig.builder().scope(Scope.SHARED))
                .build();
    }

    Node start(String url) {
        return start(url, Duration.ofSeconds(1));
    }

    Node start(String url, Duration slowAfter) {
        RedisSettings settings = RedisSettings.of(url);
        Duration timeout = slowAfter.compareTo(settings.timeout()) > 0 ? slowAfter : settings.timeout();
        Node node = new Node(new RedisSettings(url, prefix, slowAfter, timeout, settings.replicas()), config);
        nodes.add(node);
        return node;
    }

    String prefix() {
        return prefix;
    }

    /** However busy the machine is, a process with these is not detached, and its questions are answered in time. */
    static RedisSettings patient(String url, String prefix) {
        Duration patience = Duration.ofSeconds(30);
        return new RedisSettings(url, prefix, patience, patience, RedisSettings.BY_KIND);
    }

    static void eventually(java.util.concurrent.Callable<Boolean> what) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(what);
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
    }
}
