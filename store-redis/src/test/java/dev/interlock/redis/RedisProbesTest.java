package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.ProbeStoreContract;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Trust in probes in a single Redis, and who probes a shared circuit. */
class RedisProbesTest extends ProbeStoreContract {
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
        store = RedisCircuitStore.open(
                RedisSettings.of(redis.url()).withPrefix(prefix).withSlowAfter(Duration.ofSeconds(1)));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected ProbeStore open() {
        return store.probes();
    }

    /** More than are read at once. */
    @Test
    void oneThatChangesWhileAllAreReadKeepsNoOtherFromBeingRead() {
        Instant begin = Instant.now().minusSeconds(600).truncatedTo(ChronoUnit.MILLIS);
        List<ProbeRecord> all = new ArrayList<>();
        for (int i = 0; i <= 500; i++) {
            all.add(new ProbeRecord("default", "agent-" + i, true, false, null, begin.plusMillis(i)));
        }
        store.probes().write(all);
        Set<String> read = new HashSet<>();
        store.probes().read(begin.minusSeconds(60), each -> {
            if (read.isEmpty()) {
                store.probes()
                        .write(List.of(
                                new ProbeRecord("default", each.name(), false, false, null, begin.plusSeconds(300))));
            }
            read.add(each.name());
        });
        assertThat(read).hasSize(all.size());
    }

    @Test
    void oneProcessIsGivenALeaseAndKeepsItWhileItAsks() throws Exception {
        assertThat(ask("a", "open-7", 60_000, false)).isEqualTo(ProbeLease.GIVEN);
        assertThat(ask("b", "open-7", 60_000, false)).isEqualTo(ProbeLease.ELSEWHERE);
        assertThat(ask("a", "open-7", 60_000, false)).isEqualTo(ProbeLease.GIVEN);
        assertThat(ask("b", "open-8", 60_000, false))
                .as("another opening is another lease")
                .isEqualTo(ProbeLease.GIVEN);
    }

    @Test
    void aLeaseThatIsNotKeptGoesToTheNext() throws Exception {
        assertThat(ask("a", "suspicion", 50, false)).isEqualTo(ProbeLease.GIVEN);
        Awaitility.await().until(() -> ask("b", "suspicion", 60_000, false) == ProbeLease.GIVEN);
    }

    @Test
    void whatOneHasFoundReadyIsReadyForAll() throws Exception {
        ask("a", "open-7", 60_000, false);
        ask("a", "open-7", 60_000, true);

        assertThat(ask("b", "open-7", 60_000, false)).isEqualTo(ProbeLease.READY);
        assertThat(ask("a", "open-7", 60_000, false)).isEqualTo(ProbeLease.READY);
    }

    private ProbeLease ask(String process, String purpose, long millis, boolean ready) throws Exception {
        return store.coordination()
                .askToProbe(new ProbeAsk("acme", "model:kimi", process, purpose, Duration.ofMillis(millis), ready))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }
}
