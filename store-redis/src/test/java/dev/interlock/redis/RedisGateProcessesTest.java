package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which processes live, and which of them obey a change of a gate. */
class RedisGateProcessesTest {
    private static RedisServer redis;

    private final String prefix = "test-" + UUID.randomUUID();
    private final Keys keys = new Keys(prefix);
    private RedisCircuitStore store;
    private GateProcesses processes;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void connect() {
        store = RedisCircuitStore.open(Nodes.patient(redis.url(), prefix));
        processes = ((RedisGates) store.gates()).processes();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void of_those_that_live_some_obey_a_change() {
        GateRecord stop = gate("stop");
        GateRecord other = gate("other");
        processes.report("one", List.of(stop, other));
        processes.report("two", List.of(other));
        processes.report("three", List.of());

        assertThat(processes.obeying(stop)).isEqualTo(Map.of("one", true, "two", false, "three", false));
        assertThat(processes.obeying(other)).isEqualTo(Map.of("one", true, "two", true, "three", false));
    }

    @Test
    void whoever_obeys_a_gate_does_not_obey_its_removal_yet() {
        GateRecord stop = gate("stop");
        GateRecord removed = stop.removed(new GateRecord.Removal("bob", null, Instant.now()));
        processes.report("one", List.of(stop));
        assertThat(processes.obeying(removed)).isEqualTo(Map.of("one", false));

        processes.report("one", List.of(removed));
        assertThat(processes.obeying(removed)).isEqualTo(Map.of("one", true));
        assertThat(redis.<Set<String>>run(commands -> commands.smembers(keys.gateObeyed("removed/stamp of stop"))))
                .containsExactly("one");
        assertThat(redis.<Set<String>>run(commands -> commands.smembers(keys.gateObeyed("put/stamp of stop"))))
                .containsExactly("one");
    }

    @Test
    void whoever_leaves_is_not_waited_for() {
        processes.report("one", List.of());
        processes.report("two", List.of());
        processes.leave("one");

        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("two", false));
    }

    @Test
    void whoever_says_nothing_for_three_seconds_is_forgotten() {
        processes.report("one", List.of());
        processes.report("two", List.of());
        says("one", -3_100);
        says("two", -1_000);
        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("two", false));
        assertThat(redis.<List<String>>run(commands -> commands.hkeys(keys.gateProcesses())))
                .containsExactly("two");

        assertThat(processes.every()).as("three times in that time").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void who_obeys_is_kept_for_an_hour() {
        processes.report("one", List.of(gate("stop")));

        assertThat(redis.<Long>run(commands -> commands.pttl(keys.gateObeyed("put/stamp of stop"))))
                .isBetween(
                        Duration.ofMinutes(59).toMillis(), Duration.ofHours(1).toMillis());
    }

    /** As if it had said last that it lives at another time, by Redis' clock. */
    private void says(String process, long millis) {
        List<String> time = redis.run(commands -> commands.time());
        long now = 1_000 * Long.parseLong(time.get(0)) + Long.parseLong(time.get(1)) / 1_000;
        redis.run(commands -> commands.hset(keys.gateProcesses(), process, Long.toString(now + millis)));
    }

    private static GateRecord gate(String id) {
        return new GateRecord(
                "acme", id, 1, "stamp of " + id, "organization", null, "ann", null, Instant.now(), null, null);
    }
}
