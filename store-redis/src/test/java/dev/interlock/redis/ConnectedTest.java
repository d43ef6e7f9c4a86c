package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.StoreUnavailableException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
    private static RedisServer empty;

    /** Whose Cluster serves nobody, since it has half of the slots alone. */
    private static RedisServer halved;

    @BeforeAll
    static void start() {
        single = RedisServer.start();
        empty = clusterNode();
        halved = clusterNode();
        halved.run(redis -> redis.clusterAddSlots(
                IntStream.range(0, SlotHash.SLOT_COUNT / 2).toArray()));
    }

    @AfterAll
    static void stop() {
        List.of(single, empty, halved).forEach(RedisServer::close);
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
    void where_there_is_room_for_one_connection_and_it_takes_two_none_is_kept() {
        RedisClient client = RedisClient.create(single.url());
        try (StatefulRedisConnection<String, String> others = client.connect()) {
            long before = others.sync().clientList().lines().count();
            others.sync().configSet("maxclients", Long.toString(before + 1));
            assertThatThrownBy(() -> connect(single.url())).isInstanceOf(RedisException.class);
            eventually(() -> others.sync().clientList().lines().count() == before);
            others.sync().configSet("maxclients", "10000");
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_cluster_without_a_master_says_so() {
        try (Connected connected = connect(empty.url())) {
            assertThatThrownBy(() -> connected.master(0)).hasMessage("The Cluster has no master at the moment");
            assertThatThrownBy(() -> connected.overridesOf("any"))
                    .as("what is tried once more, and is no mistake")
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessage("No node of the Cluster serves this circuit at the moment");
        }
    }

    @Test
    void where_nobody_answers_there_is_nothing_to_connect_to() {
        assertThatThrownBy(() -> connect("redis://127.0.0.1:1")).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> Connected.connect(List.of(), RESOURCES, TIMEOUT))
                .hasMessage("No address");
    }

    @Test
    void while_it_is_cut_off_what_is_asked_fails_at_once() {
        try (Proxy proxy = new Proxy(single.port());
                Connected connected = connect(proxy.url())) {
            proxy.mode(Proxy.Mode.CUT);

            eventually(
                    () -> connected.commands().get("any").toCompletableFuture().isCompletedExceptionally());
        }
    }

    /** The caller decides whether to ask again. */
    @Test
    void what_was_under_way_when_a_connection_was_lost_fails_and_is_not_sent_again() {
        try (Proxy proxy = new Proxy(single.port());
                Connected connected = connect(proxy.url())) {
            CompletableFuture<?> underWay =
                    connected.commands().blpop(0, "queue").toCompletableFuture();
            eventually(() -> single.run(redis -> redis.info("clients")).contains("blocked_clients:1"));
            proxy.mode(Proxy.Mode.CUT);
            proxy.mode(Proxy.Mode.PASS);
            eventually(() -> single.run(redis -> redis.info("clients")).contains("blocked_clients:0"));
            single.run(redis -> redis.lpush("queue", "it"));

            assertThat(underWay).failsWithin(TIMEOUT);
            eventually(() -> connected
                    .commands()
                    .llen("queue")
                    .toCompletableFuture()
                    .handle((length, cutOff) -> length != null && length == 1)
                    .get());
        }
    }

    @Test
    void a_redis_or_a_node_that_is_silent_is_waited_for_no_longer_than_was_said() {
        for (RedisServer each : List.of(single, halved)) {
            try (Connected connected =
                    Connected.connect(RedisSettings.of(each.url()).addresses(), RESOURCES, Duration.ofMillis(500))) {
                Connected.Master master = connected.master(0);
                each.suspend();

                assertThat(master.commands().time().toCompletableFuture())
                        .failsWithin(TIMEOUT)
                        .withThrowableThat()
                        .withCauseInstanceOf(RedisCommandTimeoutException.class);
            } finally {
                each.resume();
            }
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

    /** Connections that are still there. */
    private static long named(RedisServer server) {
        String all = server.run(commands -> commands.clientList());
        return all.lines().filter(line -> line.contains("name=interlock ")).count();
    }
}
