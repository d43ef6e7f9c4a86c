package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Over which connection to a Cluster what goes to whom. It takes two seconds until a Cluster serves anybody. */
class ConnectedToClusterTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final ClientResources RESOURCES = DefaultClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .build();

    private static RedisServer one;
    private static RedisServer two;

    @BeforeAll
    static void start() {
        one = clusterNode();
        two = clusterNode();
        int half = SlotHash.SLOT_COUNT / 2;
        one.run(redis -> redis.clusterAddSlots(IntStream.range(0, half).toArray()));
        two.run(redis ->
                redis.clusterAddSlots(IntStream.range(half, SlotHash.SLOT_COUNT).toArray()));
        two.run(redis -> redis.clusterMeet("127.0.0.1", one.port()));
        for (RedisServer each : List.of(one, two)) {
            eventually(() -> each.run(redis -> redis.clusterInfo()).contains("cluster_state:ok"));
        }
    }

    @AfterAll
    static void stop() {
        List.of(one, two).forEach(RedisServer::close);
        assertThat(RESOURCES.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
                .isTrue();
    }

    @Test
    void of_a_cluster_each_master_has_its_turn_and_its_slots() {
        try (Connected connected = connect(one.url())) {
            assertThat(connected.isCluster()).isTrue();
            Connected.Master first = connected.master(0);
            Connected.Master second = connected.master(1);
            assertThat(List.of(first.id(), second.id())).doesNotHaveDuplicates().doesNotContain("");
            assertThat(connected.master(2).id()).isEqualTo(first.id());
            assertThat(connected.master(-1).id()).isEqualTo(second.id());
            for (int slot : new int[] {0, 8_191, 8_192, 16_383}) {
                assertThat(first.hasSlot().test(slot))
                        .isNotEqualTo(second.hasSlot().test(slot));
            }
            assertThat(id(first)).isEqualTo(first.id());
            assertThat(id(second)).isEqualTo(second.id());
        }
        eventually(() -> named(one) == 0 && named(two) == 0);
    }

    @Test
    void what_is_written_in_a_cluster_goes_to_the_master_of_its_key() {
        try (Connected connected = connect(two.url())) {
            for (int i = 0; i < 8; i++) {
                String key = "key-" + i;
                RedisServer master = SlotHash.getSlot(key) < SlotHash.SLOT_COUNT / 2 ? one : two;
                set(connected.overridesOf(key), key);
                assertThat(master.<String>run(redis -> redis.get(key))).isEqualTo("it");
                set(connected.commands(), key + "-too");
            }
        }
    }

    @Test
    void who_listens_hears_what_is_published_anywhere_in_a_cluster() {
        try (Connected connected = connect(one.url());
                var listening = connected.listen()) {
            Set<String> heard = ConcurrentHashMap.newKeySet();
            listening.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String channel, String message) {
                    heard.add(message);
                }
            });
            listening.sync().subscribe("changes");
            eventually(() -> {
                one.run(redis -> redis.publish("changes", "from one"));
                two.run(redis -> redis.publish("changes", "from two"));
                return heard.equals(Set.of("from one", "from two"));
            });
        }
    }

    private static RedisServer clusterNode() {
        return RedisServer.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1500");
    }

    private static Connected connect(String url) {
        return Connected.connect(Nodes.patient(url, "interlock").addresses(), RESOURCES, TIMEOUT);
    }

    private static void set(RedisClusterAsyncCommands<String, String> commands, String key) {
        assertThat(commands.set(key, "it").toCompletableFuture()).succeedsWithin(TIMEOUT);
    }

    /** By which id a master is known to itself. */
    private static String id(Connected.Master master) {
        return master.commands().clusterMyId().toCompletableFuture().join();
    }

    /** Connections that are still there. */
    private static long named(RedisServer server) {
        String all = server.run(commands -> commands.clientList());
        return all.lines().filter(line -> line.contains("name=interlock ")).count();
    }
}
