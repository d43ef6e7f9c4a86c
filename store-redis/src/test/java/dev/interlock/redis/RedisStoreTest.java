package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static dev.interlock.redis.StoresInMemory.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a Redis store has in addition to every store: generations that outlive Redis, and its parts. */
class RedisStoreTest {
    private static RedisServer redis;

    private final String prefix = "test-" + UUID.randomUUID();
    private final Keys keys = new Keys(prefix);
    private RedisCircuitStore store;

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
        store = open();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void a_generation_is_above_what_redis_knows_and_above_a_least_one() {
        assertThat(store.nextGeneration()).isEqualTo(1);
        assertThat(store.raiseGeneration(7)).isEqualTo(7);
        assertThat(store.raiseGeneration(3)).isEqualTo(8);
        assertThat(store.nextGeneration()).isEqualTo(9);
    }

    /** The highest that was given here, not the last. */
    @Test
    void a_redis_that_forgot_gets_the_generation_that_was_given() {
        store.raiseGeneration(7);
        redis.run(commands -> commands.set(keys.generation(), "2"));
        assertThat(store.nextGeneration()).isEqualTo(3);
        redis.run(commands -> commands.del(keys.generation(), keys.life()));

        eventually(() -> "7".equals(redis.run(commands -> commands.get(keys.generation()))));
        assertThat(store.nextGeneration()).isEqualTo(8);
    }

    @Test
    void a_redis_that_is_found_again_gets_it_too() {
        try (Proxy proxy = new Proxy(redis.port());
                RedisCircuitStore cutOff = open(proxy.url())) {
            cutOff.raiseGeneration(7);
            proxy.mode(Proxy.Mode.CUT);
            eventually(() -> !cutOff.isAttached());
            redis.run(commands -> commands.set(keys.generation(), "2"));
            proxy.mode(Proxy.Mode.PASS);

            eventually(() -> "7".equals(redis.run(commands -> commands.get(keys.generation()))));
        }
    }

    @Test
    void changes_are_heard_until_the_subscriber_unsubscribes() {
        List<String> gone = new CopyOnWriteArrayList<>();
        List<String> stays = new CopyOnWriteArrayList<>();
        CircuitSubscriber leaves = heard(gone);
        store.subscribe(leaves);
        store.subscribe(heard(stays));
        eventually(() -> {
            write("first", 5);
            return stays.contains("first");
        });
        assertThat(gone).contains("first");
        store.unsubscribe(leaves);
        write("second", 5);

        eventually(() -> stays.contains("second"));
        assertThat(gone).doesNotContain("second");
    }

    @Test
    void it_has_gates_marks_trust_and_a_coordination() {
        assertThat(store.gates()).isInstanceOf(RedisGates.class);
        assertThat(store.probes()).isInstanceOf(RedisProbes.class);
        assertThat(store.coordination()).isInstanceOf(RedisCoordination.class);
        assertThat(store.marks("permits", Duration.ofHours(1))
                        .mark(new long[] {1}, new long[] {1})
                        .toCompletableFuture()
                        .join())
                .extracting(RedisMarks.Marked::mark)
                .containsExactly(RedisMarks.Mark.FIRST);
    }

    @Test
    void it_says_how_far_redis_is_behind_and_whether_it_is_there() {
        assertThat(store.isAttached()).isTrue();
        eventually(() -> !store.lag().isZero());
        assertThat(store.lag()).isLessThan(Duration.ofSeconds(30));

        try (RedisCircuitStore nobody = open("redis://127.0.0.1:1")) {
            assertThat(nobody.isAttached()).isFalse();
            assertThatThrownBy(() -> nobody.find("default", "planner")).isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void closing_ends_its_threads_and_its_connections() {
        eventually(() -> clients() >= 3);
        store.close();

        eventually(() -> clients() == 0);
    }

    @Test
    void what_redis_forgets_comes_back_from_a_database_behind_it() {
        StoresInMemory.Database database = new StoresInMemory.Database();
        CircuitStore both = store.inFrontOf(database);
        both.readNotClosed(record -> {});
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));
        redis.run(commands -> commands.del(keys.life()));

        eventually(() -> store.find("default", "planner") != null);
        assertThat(Objects.requireNonNull(both.find("default", "planner")).epoch())
                .isEqualTo(6);
        both.close();
    }

    private void write(String name, long epoch) {
        assertThat(store.write(List.of(CircuitChange.of(record(name, "open", epoch)))))
                .isEmpty();
    }

    private static CircuitSubscriber heard(List<String> names) {
        return new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                names.add(record.name());
            }

            @Override
            public void onGap() {}
        };
    }

    /** Connections of this test, which have a name of their own. */
    private static long clients() {
        String all = redis.run(commands -> commands.clientList());
        return all.lines().filter(line -> line.contains("name=interlock ")).count();
    }

    private RedisCircuitStore open() {
        return open(redis.url());
    }

    private RedisCircuitStore open(String url) {
        return RedisCircuitStore.open(Nodes.patient(url, prefix));
    }
}
