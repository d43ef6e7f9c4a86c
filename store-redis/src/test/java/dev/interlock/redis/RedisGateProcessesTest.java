package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateProcessesContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which processes live, and which of them obey a change of a gate. */
class RedisGateProcessesTest extends GateProcessesContract {
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

    @Override
    protected GateProcesses open() {
        return processes;
    }

    @Test
    void a_process_of_an_earlier_version_obeys_without_a_word_of_followers_and_hears_of_others() {
        processes.report("newer", Map.of(gate("stop"), new GateFollowers(1, 1, "details")));
        processes.report("earlier", Map.of());
        redis.<Long>run(commands -> commands.sadd(keys.gateObeyed("put/stamp of stop"), "earlier"));

        assertThat(processes.obeying(gate("stop")))
                .isEqualTo(Map.of(
                        "newer",
                        Optional.of(new GateFollowers(1, 1, "details")),
                        "earlier",
                        Optional.of(GateFollowers.NONE)));
        assertThat(redis.<Set<String>>run(commands -> commands.smembers(keys.gateObeyed("put/stamp of stop"))))
                .as("what earlier versions read")
                .containsExactlyInAnyOrder("newer", "earlier");
    }

    @Test
    void who_says_nothing_for_three_seconds_is_forgotten() {
        processes.report("one", Map.of());
        processes.report("two", Map.of());
        says("one", -3_100);
        says("two", -1_000);
        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("two", Optional.empty()));
        assertThat(redis.<List<String>>run(commands -> commands.hkeys(keys.gateProcesses())))
                .containsExactly("two");

        assertThat(processes.every()).as("three times in that time").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void who_obeys_is_kept_for_an_hour() {
        processes.report("one", Map.of(gate("stop"), new GateFollowers(1, 0, "")));

        for (String key : List.of(keys.gateObeyed("put/stamp of stop"), keys.gateFollowers("put/stamp of stop"))) {
            assertThat(redis.<Long>run(commands -> commands.pttl(key)))
                    .as(key)
                    .isBetween(
                            Duration.ofMinutes(59).toMillis(),
                            Duration.ofHours(1).toMillis());
        }
    }

    /** As if it had said last that it lives at another time, by Redis' clock. */
    private void says(String process, long millis) {
        List<String> time = redis.run(commands -> commands.time());
        long now = 1_000 * Long.parseLong(time.get(0)) + Long.parseLong(time.get(1)) / 1_000;
        redis.run(commands -> commands.hset(keys.gateProcesses(), process, Long.toString(now + millis)));
    }
}
