package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.redis.Nodes.Node;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A Cluster of three masters and three replicas does what every store must do, and loses no acknowledged override. */
@Tag("heavy")
@Tag("thorough")
class RedisClusterTest extends CircuitStoreContract {
    private static RedisCluster cluster;

    private static final Duration LEASE = Duration.ofMinutes(2);

    private final String prefix = "test-" + UUID.randomUUID();
    private RedisCircuitStore store;

    @BeforeAll
    static void start() {
        cluster = new RedisCluster();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void empty() {
        store = RedisCircuitStore.open(
                RedisSettings.of(cluster.url()).withPrefix(prefix).withSlowAfter(Duration.ofSeconds(1)));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected CircuitStore open() {
        return store;
    }

    @Override
    protected void alter(String name, @Nullable String state) {
        String key = new Keys(prefix).record("default", name);
        cluster.masterOf(key)
                .run(redis -> state == null ? redis.hdel(key, "changed") : redis.hset(key, "state", state));
    }

    @Test
    void nodesShareFiguresAndTrips() {
        try (Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(1)))) {
            Node a = nodes.start(cluster.url());
            Node b = nodes.start(cluster.url());
            a.fail(3);
            b.fail(2);

            eventually(() -> a.look().state() == CircuitState.OPEN && b.look().state() == CircuitState.OPEN);
        }
    }

    @Test
    void aMasterThatWasEmptiedIsFilledAgainFromTheMemoryOfTheNodes() {
        try (Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(1)))) {
            Node a = nodes.start(cluster.url());
            AtomicInteger forgotten = new AtomicInteger();
            a.store.link().watch(new Pulse.Watcher() {
                @Override
                public void onForgotten() {
                    forgotten.incrementAndGet();
                }
            });
            List<CircuitId> held = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                CircuitId id = CircuitId.of("agent-" + i);
                a.manager.override(id, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
                held.add(id);
            }
            assertThat(a.manager.flush(Duration.ofSeconds(30))).isTrue();

            for (RedisServer master : cluster.masters()) {
                int before = forgotten.get();
                master.run(redis -> redis.flushall());
                eventually(() -> forgotten.get() > before);
                eventually(() -> known(nodes).size() == held.size());
            }
            for (CircuitId id : held) {
                String key = new Keys(nodes.prefix()).record(id.organization(), id.name());
                long there = cluster.masterOf(key).run(redis -> redis.exists(key));
                assertThat(there).isOne();
            }
        }
    }

    /** The names that the index leads to, as a process reads them that begins. */
    private static Set<String> known(Nodes nodes) {
        Set<String> names = new HashSet<>();
        try (RedisCircuitStore fresh = RedisCircuitStore.open(
                RedisSettings.of(cluster.url()).withPrefix(nodes.prefix()).withSlowAfter(Duration.ofSeconds(1)))) {
            fresh.readNotClosed(record -> names.add(record.name()));
        }
        return names;
    }

    @Test
    void aPlaceIsLentGivenBackAndEndedOnEachMaster() throws Exception {
        CircuitCoordination redis = store.coordination();
        Set<RedisServer> masters = new HashSet<>();
        for (int i = 0; masters.size() < 3; i++) {
            String name = "agent-" + i;
            masters.add(cluster.masterOf(new Keys(prefix).live("default", name)));
            assertThat(store.write(List.of(CircuitChange.of(cooledDown(name))))).isEmpty();
            GivenTrial outer = Objects.requireNonNull(
                    get(redis.askForTrial(new TrialAsk("default", name, "outer", 1, 1, 1, Duration.ZERO)))
                            .given());

            GivenTrial unused = lent(get(redis.borrowTrial(outer, "unused", LEASE)));
            assertThat(get(redis.borrowTrial(outer, "second", LEASE))).isEqualTo(TrialLoan.LENT);
            assertThat(get(redis.returnTrial(unused, outer))).isTrue();
            GivenTrial inner = lent(get(redis.borrowTrial(outer, "inner", LEASE)));
            assertThat(get(redis.endTrial(outer, TrialEnd.of(false, 1)))).isFalse();
            assertThat(get(redis.renewTrial(inner))).isEqualTo(TrialHold.KEPT);
            assertThat(get(redis.endTrial(inner, TrialEnd.of(true, 1)))).isTrue();
        }
    }

    private static GivenTrial lent(TrialLoan loan) {
        assertThat(loan.answer()).isEqualTo(TrialLoan.Answer.GIVEN);
        return Objects.requireNonNull(loan.given());
    }

    private static CircuitRecord cooledDown(String name) {
        Instant opened = Instant.now().minusSeconds(60);
        return new CircuitRecord(
                "default",
                name,
                "open",
                1L << 32,
                1,
                0,
                1,
                1,
                0,
                opened,
                opened,
                opened,
                opened.plusSeconds(30),
                false,
                null,
                null,
                null,
                "default",
                7);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Kills a master, so each run of this class does so once, in a Cluster of its own. */
    @Test
    void afterTheLossOfAMasterEveryAcknowledgedOverrideIsThere() throws Exception {
        try (RedisCluster lossy = new RedisCluster();
                Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(1)))) {
            Node a = nodes.start(lossy.url());
            List<CircuitId> held = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                CircuitId id = CircuitId.of("agent-" + i);
                a.manager.override(id, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
                if (i == 20) {
                    lossy.killMasterOf(new Keys(nodes.prefix()).record("default", "agent-3"));
                }
                assertThat(a.manager.stored(id).toCompletableFuture().get(60, TimeUnit.SECONDS))
                        .isTrue();
                held.add(id);
            }
            a.close();
            Node[] late = new Node[1];
            eventually(() -> {
                late[0] = nodes.start(lossy.url());
                return true;
            });

            assertThat(held)
                    .allSatisfy(id ->
                            assertThat(late[0].manager.snapshot(id).hold()).isNotNull());
            for (int i = 0; i < 10; i++) {
                late[0].manager.getOrCreate("other-" + i).recordFailure(FailureKind.AUTHENTICATION);
            }
            assertThat(late[0].manager.flush(Duration.ofSeconds(30))).isTrue();
        }
    }
}
