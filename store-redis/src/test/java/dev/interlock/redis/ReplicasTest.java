package dev.interlock.redis;

import static dev.interlock.redis.StoresInMemory.line;
import static dev.interlock.redis.StoresInMemory.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.GateRecord;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What must not be lost with a master is acknowledged once a replica has it, where there is one. */
class ReplicasTest {
    private static RedisServer redis;
    private static RedisServer replica;

    private RedisCircuitStore store = open(1);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        replica = RedisServer.start("--replicaof", "127.0.0.1", Integer.toString(redis.port()));
        await().until(() -> redis.run(commands -> commands.info("replication")).contains("state=online"));
    }

    @AfterAll
    static void stop() {
        replica.close();
        redis.close();
    }

    @AfterEach
    void close() {
        replica.resume();
        store.close();
        redis.run(commands -> commands.flushall());
    }

    @Test
    void an_override_or_a_gate_that_a_replica_has_is_acknowledged() {
        assertThat(store.write(List.of(override("planner")))).isEmpty();
        assertThat(store.gates().write(List.of(gate(1)))).isEmpty();
    }

    @Test
    void one_that_no_replica_takes_is_not() {
        replica.suspend();

        assertThatThrownBy(() -> store.write(List.of(override("planner"))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("No replica of Redis has taken an override");
        assertThatThrownBy(() -> store.gates().write(List.of(gate(1))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("No replica of Redis has taken an override");
    }

    @Test
    void what_circuits_do_by_themselves_and_gates_that_are_refused_wait_for_none() {
        store.gates().write(List.of(gate(2)));
        replica.suspend();

        assertThat(store.write(List.of(
                        new CircuitChange(record("planner", "open", 5), -1, List.of(line("planner", 5, null))))))
                .isEmpty();
        assertThat(store.gates().write(List.of(gate(1)))).hasSize(1);
    }

    @Test
    void where_no_replica_is_asked_for_none_is_waited_for() {
        replica.suspend();
        for (int replicas : new int[] {0, RedisSettings.BY_KIND}) {
            store.close();
            store = open(replicas);
            assertThat(store.write(List.of(override("planner-" + replicas)))).isEmpty();
        }
    }

    @Test
    void two_replicas_that_are_asked_for_are_not_one() {
        store.close();
        store = open(2);

        assertThatThrownBy(() -> store.write(List.of(override("planner"))))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void a_master_that_has_no_replica_is_taken_as_it_is() {
        try (RedisServer alone = RedisServer.start();
                RedisCircuitStore one = RedisCircuitStore.open(settings(alone, 1))) {
            assertThat(one.write(List.of(override("planner")))).isEmpty();
            assertThat(one.gates().write(List.of(gate(1)))).isEmpty();
        }
    }

    private static RedisCircuitStore open(int replicas) {
        return RedisCircuitStore.open(settings(redis, replicas));
    }

    private static RedisSettings settings(RedisServer server, int replicas) {
        return RedisSettings.of(server.url())
                .withSlowAfter(Duration.ofSeconds(1))
                .withReplicas(replicas);
    }

    private static CircuitChange override(String name) {
        return new CircuitChange(record(name, "open", 5), -1, List.of(line(name, 5, "open")));
    }

    private static GateRecord gate(long version) {
        return new GateRecord(
                "acme", "stop", version, "stamp", "organization", null, "ann", null, Instant.now(), null, null);
    }
}
