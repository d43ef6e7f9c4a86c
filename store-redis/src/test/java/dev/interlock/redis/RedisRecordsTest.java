package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How records lie in Redis: for how long, what their index names, and what becomes of a write that Redis does half. */
class RedisRecordsTest {
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
        store = open(redis.url());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void a_hold_is_kept_for_ever_an_open_circuit_for_a_month_and_a_closed_one_for_a_day() {
        write(record("held", "closed", 5, true), record("open", "open", 5), record("closed", "closed", 5));

        assertThat(millisLeft("held")).isEqualTo(-1);
        assertThat(millisLeft("open"))
                .isBetween(Duration.ofDays(29).toMillis(), Duration.ofDays(30).toMillis());
        assertThat(millisLeft("closed"))
                .isBetween(Duration.ofHours(23).toMillis(), Duration.ofHours(24).toMillis());
    }

    @Test
    void the_index_names_what_is_not_closed_and_clean() {
        write(record("held", "closed", 5, true), record("open", "open", 6), record("closed", "closed", 5));
        assertThat(index()).containsExactlyInAnyOrder("held", "open");

        assertThat(store.write(List.of(new CircuitChange(record("open", "closed", 7), 6, List.of()))))
                .isEmpty();
        assertThat(index()).containsExactly("held");
    }

    /** A record may expire before the index forgets it, or have closed just now. */
    @Test
    void what_the_index_names_too_much_is_left_out() {
        write(record("open", "open", 5), record("closed", "closed", 5));
        redis.run(commands -> {
            commands.hset(keys.index("default"), "expired", RecordCodec.epoch(5));
            return commands.hset(keys.index("default"), "closed", RecordCodec.epoch(5));
        });

        List<String> read = new ArrayList<>();
        store.readNotClosed(record -> read.add(record.name()));
        assertThat(read).containsExactly("open");
    }

    @Test
    void who_finds_a_circuit_that_the_index_lost_brings_it_back_there() {
        write(record("open", "open", 5), record("closed", "closed", 5));
        redis.run(commands -> commands.del(keys.index("default"), keys.organizations()));
        store.find("default", "closed");
        assertThat(index()).isEmpty();
        assertThat(store.find("default", "open")).isEqualTo(record("open", "open", 5));

        assertThat(index()).containsExactly("open");
        assertThat(redis.<Set<String>>run(commands -> commands.smembers(keys.organizations())))
                .containsExactly("default");
    }

    @Test
    void what_cannot_be_read_is_named_by_its_key_and_its_redis() {
        write(record("open", "open", 5));
        redis.run(commands -> commands.hdel(keys.record("default", "open"), "changed"));

        assertThatThrownBy(() -> store.find("default", "open"))
                .isInstanceOfSatisfying(UnreadableRecordException.class, why -> {
                    assertThat(why.organization()).isEqualTo("default");
                    assertThat(why.name()).isEqualTo("open");
                })
                .hasMessageEndingWith("delete the key '" + keys.record("default", "open") + "' of Redis at 127.0.0.1:"
                        + redis.port());
    }

    @Test
    void of_more_than_a_batch_each_is_written_once() {
        List<String> heard = new CopyOnWriteArrayList<>();
        store.subscribe(new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                heard.add(record.name());
            }

            @Override
            public void onGap() {}
        });
        eventually(() -> {
            write(record("probe", "open", 5));
            return heard.contains("probe");
        });
        heard.clear();
        List<CircuitChange> changes = new ArrayList<>();
        for (int i = 0; i <= 1_000; i++) {
            changes.add(CircuitChange.of(record("agent-" + i, "open", 5)));
        }
        assertThat(store.write(changes)).isEmpty();
        eventually(() -> heard.contains("agent-1000"));

        assertThat(heard.stream().filter(name -> name.startsWith("agent")))
                .containsExactlyElementsOf(
                        changes.stream().map(each -> each.record().name()).toList());
    }

    @Test
    void what_opens_is_in_the_index_first_or_not_written() {
        try (RedisCircuitStore limited = open(limited(CommandType.SADD))) {
            assertThatThrownBy(() -> limited.write(List.of(CircuitChange.of(record("open", "open", 5)))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("did not do what it was asked");
            assertThat(store.find("default", "open")).isNull();

            write(record("open", "open", 5));
            assertThatThrownBy(() -> limited.find("default", "open")).isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void what_closes_is_not_said_to_be_written_before_it_has_left_the_index() {
        write(record("open", "open", 5));
        try (RedisCircuitStore limited = open(limited(CommandType.HDEL))) {
            CircuitChange closes = new CircuitChange(record("open", "closed", 6), 5, List.of());
            assertThatThrownBy(() -> limited.write(List.of(closes)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageMatching("(?s).*('hdel'|can't run this command).*"); // else it failed before
            assertThat(store.find("default", "open")).isEqualTo(closes.record());
            assertThat(index()).containsExactly("open");

            assertThat(store.write(List.of(closes))).as("once more").isEmpty();
            assertThat(index()).isEmpty();
        }
    }

    /** A Redis whose user may do everything but this. */
    private static String limited(CommandType without) {
        String user = "without-" + without.name().toLowerCase(Locale.ROOT);
        redis.run(commands -> commands.aclSetuser(
                user,
                AclSetuserArgs.Builder.on()
                        .addPassword("secret")
                        .allKeys()
                        .allChannels()
                        .allCommands()
                        .removeCommand(without)));
        return redis.url().replace("redis://", "redis://" + user + ":secret@");
    }

    private RedisCircuitStore open(String url) {
        RedisCircuitStore opened = RedisCircuitStore.open(Nodes.patient(url, prefix));
        eventually(() -> opened.link().isAttached()); // else it goes on looking for Redis, and writes nothing
        return opened;
    }

    private void write(CircuitRecord... records) {
        assertThat(store.write(List.of(records).stream().map(CircuitChange::of).toList()))
                .isEmpty();
    }

    private long millisLeft(String name) {
        return redis.run(commands -> commands.pttl(keys.record("default", name)));
    }

    private List<String> index() {
        return redis.run(commands -> commands.hkeys(keys.index("default")));
    }

    private static CircuitRecord record(String name, String state, long epoch) {
        return record(name, state, epoch, false);
    }

    private static CircuitRecord record(String name, String state, long epoch, boolean held) {
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");
        return new CircuitRecord(
                "default",
                name,
                state,
                epoch,
                1,
                0,
                1,
                1,
                0,
                null,
                noon,
                null,
                null,
                held,
                null,
                held ? "ann" : null,
                null,
                "default",
                7);
    }
}
