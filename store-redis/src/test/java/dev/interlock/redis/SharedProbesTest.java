package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.ProbeSettings;
import dev.interlock.ProbeStatus;
import dev.interlock.Scope;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Of processes that share a circuit one probes it. */
@Tag("heavy")
@Tag("thorough")
class SharedProbesTest {
    private static final CircuitId MODEL = CircuitId.of("model:kimi");

    private final String prefix = "test-" + UUID.randomUUID();
    private RedisServer redis;
    private Process one;
    private Process other;

    /** A process with a manager of its own, and how often it has probed. */
    private final class Process implements AutoCloseable {
        final AtomicInteger asked = new AtomicInteger();
        final RedisCircuitStore store = RedisCircuitStore.open(
                RedisSettings.of(redis.url()).withPrefix(prefix).withSlowAfter(Duration.ofSeconds(1)));
        final CircuitBreakerManager manager = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder()
                        .scope(Scope.SHARED)
                        .cooldown(Duration.ofMillis(300))
                        .probe(new ProbeSettings(
                                Duration.ofSeconds(2), 3, Duration.ofMillis(50), Duration.ofHours(1), 2))
                        .build())
                .probe("*", id -> {
                    asked.incrementAndGet();
                    return good;
                })
                .randomness(() -> 0)
                .store(store)
                .build();

        CircuitBreaker circuit() {
            return manager.getOrCreate(MODEL);
        }

        boolean isTrusted() {
            ProbeStatus probe = circuit().snapshot().probe();
            return probe != null && probe.trusted();
        }

        @Override
        public void close() {
            manager.close();
            store.close();
        }
    }

    private volatile boolean good = true;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        one = new Process();
        other = new Process();
        await().until(() -> !one.manager.isDetached() && !other.manager.isDetached());
        await().atMost(Duration.ofSeconds(30)).until(() -> one.isTrusted() && other.isTrusted());
        one.asked.set(0);
        other.asked.set(0);
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
        redis.close();
    }

    @Test
    void aSuspicionIsOneProcessAffair() {
        one.circuit().recordFailure(FailureKind.SERVER_ERROR);
        await().untilAsserted(() -> assertThat(one.asked).hasValue(2));

        other.circuit().recordFailure(FailureKind.SERVER_ERROR);
        one.circuit().recordSuccess();
        await().during(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(other.asked).hasValue(0));
    }

    @Test
    void probesThatFailOpenTheCircuitForAll() {
        good = false;
        one.circuit().recordFailure(FailureKind.SERVER_ERROR);

        await().until(() ->
                one.circuit().state() == CircuitState.OPEN && other.circuit().state() == CircuitState.OPEN);
        assertThat(other.circuit().snapshot().opening())
                .matches(why -> why != null && why.cause().equals("probes_failed"));
    }

    @Test
    void anOpenCircuitIsProbedByOneAndTheOtherHearsWhenTrialsAreLetIn() {
        one.circuit().override(ManualOverride.of(OverrideAction.OPEN, "ada"));
        await().until(() -> other.circuit().state() == CircuitState.OPEN);

        await().atMost(Duration.ofSeconds(20)).until(() -> one.asked.get() + other.asked.get() == 3);
        Process idle = one.asked.get() == 0 ? one : other;
        assertThat(idle.asked).hasValue(0);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            Permit trial = idle.circuit().tryAcquire();
            return trial != null;
        });
        assertThat(idle.asked).as("it went by what the other has found").hasValue(0);
    }

    @Test
    void aLivingProcessHearsWithinTenSecondsThatTrustWasLost() {
        good = false;
        one.circuit().recordFailure(FailureKind.SERVER_ERROR);
        await().until(() -> one.circuit().state() == CircuitState.OPEN);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            Permit trial = one.circuit().tryAcquire();
            if (trial != null) {
                trial.succeed();
            }
            return one.circuit().state() == CircuitState.CLOSED;
        });
        await().until(() -> !one.isTrusted());

        await().atMost(Duration.ofSeconds(12)).until(() -> !other.isTrusted());
        assertThat(one.isTrusted())
                .as("what the other noted of the trial is no news of trust")
                .isFalse();
    }

    @Test
    void aProcessThatCannotAskTheOthersSuspectsNothing() {
        redis.close();
        await().atMost(Duration.ofSeconds(30)).until(one.manager::isDetached);
        good = false;

        one.circuit().recordFailure(FailureKind.SERVER_ERROR);

        assertThat(one.asked).hasValue(0);
        assertThat(one.circuit().state()).isEqualTo(CircuitState.CLOSED);
    }
}
