package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** Whether what is found is a single Redis or a Cluster, and over which connection what goes to whom. */
class ConnectedTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final ClientResources RESOURCES = DefaultClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .build();

    private static RedisServer single;
    private static RedisServer one;
    private static RedisServer two;
    private static RedisServer empty;

    @BeforeAll
    static void start() {
        single = RedisServer.start();
        one = clusterNode();
        two = clusterNode();
        empty = clusterNode();
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
        List.of(single, one, two, empty).forEach(RedisServer::close);
        assertThat(RESOURCES.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
                .isTrue();
    }

    @Test
    void a_single_redis_is_its_only_master_whatever_the_turn() {
        try (Connected connected = connect("redis://127.0.0.1:1,127.0.0.1:" + single.port())) {
            assertThat(connected.isCluster()).isFalse();
            Connected.Master master = connected.master(5);
            assertThat(master.commands()).isSameAs(connected.commands());
            assertThat(master.id()).isEmpty();
            assertThat(master.hasSlot().test(0) && master.hasSlot().test(16_383))
                    .isTrue();
            assertThat(connected.overridesOf("any"))
                    .as("WAIT holds nothing else up")
                    .isNotSameAs(connected.commands());
            set(connected.overridesOf("any"), "any");
        }
        eventually(() -> named(single) == 0);
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

    @Test
    void a_cluster_without_a_master_says_so() {
        try (Connected connected = connect(empty.url())) {
            assertThatThrownBy(() -> connected.master(0)).hasMessage("The Cluster has no master at the moment");
            assertThatThrownBy(() -> connected.overridesOf("any"))
                    .hasMessage("No node of the Cluster serves this circuit at the moment");
        }
    }

    @Test
    void where_nobody_answers_there_is_nothing_to_connect_to() {
        assertThatThrownBy(() -> connect("redis://127.0.0.1:1")).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> Connected.connect(List.of(), RESOURCES, TIMEOUT))
                .hasMessage("No address");
    }

    private static RedisServer clusterNode() {
        return RedisServer.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1500");
    }

    private static Connected connect(String url) {
        return Connected.connect(RedisSettings.of(url).addresses(), RESOURCES, TIMEOUT);
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
