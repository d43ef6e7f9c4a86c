package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateStoreContract;
import dev.interlock.store.GateSubscriber;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gates in a single Redis. */
class RedisGatesTest extends GateStoreContract {
    private static RedisServer redis;

    private final String prefix = "test-" + UUID.randomUUID();

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
        store = RedisCircuitStore.open(Nodes.patient(redis.url(), prefix));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected GateStore open() {
        return store.gates();
    }

    /** The skew is estimated again with each beat. */
    @Override
    protected Duration clocksApart() {
        return Duration.ofMillis(100);
    }

    @Test
    void whatWasOverLongAgoIsForgottenAndOneThatCannotBeReadKeepsNoOtherOut() {
        Instant now = Instant.now();
        GateRecord lasting = record("lasting", now, null);
        open().write(List.of(
                record("ended", now.minusSeconds(900_000), now.minusSeconds(800_000)),
                record("just ended", now, now.minusSeconds(8)),
                lasting));
        redis.run(commands -> commands.hset(new Keys(prefix).gates(), "acme\nbroken", "7\nno gate\n"));

        assertThat(open().read(now)).extracting(GateRecord::id).containsExactly("lasting");
        Nodes.eventually(() -> open().find("acme", "ended") == null);
        assertThat(open().find("acme", "just ended")).isNotNull();
        assertThat(open().find("acme", "broken")).isNull();
        assertThat(open().write(List.of(record("broken", now, null).withVersion(8))))
                .isEmpty();
    }

    @Test
    void whoever_has_unsubscribed_hears_nothing_more() {
        AtomicLong version = new AtomicLong();
        List<String> gone = new CopyOnWriteArrayList<>();
        List<String> stays = new CopyOnWriteArrayList<>();
        GateSubscriber leaves = heard(gone);
        open().subscribe(leaves);
        open().subscribe(heard(stays));
        Nodes.eventually(() -> {
            open().write(List.of(record("first", Instant.now(), null).withVersion(version.incrementAndGet())));
            return stays.contains("first");
        });
        assertThat(gone).contains("first");
        open().unsubscribe(leaves);
        open().write(List.of(record("second", Instant.now(), null)));

        Nodes.eventually(() -> stays.contains("second"));
        assertThat(gone).doesNotContain("second");
    }

    private static GateSubscriber heard(List<String> ids) {
        return new GateSubscriber() {
            @Override
            public void onChanged(GateRecord record) {
                ids.add(record.id());
            }

            @Override
            public void onGap() {}
        };
    }

    private static GateRecord record(String id, Instant since, @Nullable Instant until) {
        return new GateRecord("acme", id, 1, "stamp", "organization", null, "ann", null, since, until, null);
    }
}
