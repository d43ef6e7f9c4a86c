package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Redis took a trip, the answer was lost, and Redis forgot everything. The process then found nothing stored, took that
 * for what the others have, and closed. What was never asked of Redis gives way as before.
 */
class AnswerLostThenForgottenTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final RedisServer redis = RedisServer.start();
    private final LossyStore store = new LossyStore(RedisCircuitStore.open(
            RedisSettings.of(redis.url()).withPrefix("lost").withSlowAfter(Duration.ofSeconds(2))));
    private final List<CircuitState> moves = new CopyOnWriteArrayList<>();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .cooldown(Duration.ofHours(1))
                    .build())
            .store(store)
            .listener(moved -> moves.add(moved.to()))
            .executor(Runnable::run)
            .build();

    @AfterEach
    void close() {
        circuits.close();
        store.close();
        redis.close();
    }

    @Test
    void what_redis_may_have_taken_stays_open_before_the_loss_is_noticed() {
        String life = redis.run(commands -> commands.get("lost:life"));
        assertThat(life).isNotNull();
        store.afterTheNextWrite = () -> {
            redis.run(commands -> {
                commands.flushall();
                return commands.set("lost:life", life); // the process must not notice
            });
            throw new StoreUnavailableException("The answer is lost", null);
        };

        trip();

        await().atMost(SOON).until(() -> store.find("default", "planner") != null);
        assertThatItStaysOpen();
    }

    @Test
    void what_redis_may_have_taken_stays_open_after_all_was_read_again() {
        store.afterTheNextWrite = () -> {
            redis.run(commands -> commands.flushall());
            await().atMost(SOON).until(() -> store.forgotten);
            store.findsNothingUntilRead = true;
            throw new StoreUnavailableException("The answer is lost", null);
        };

        trip();

        await().atMost(SOON).until(() -> !store.findsNothingUntilRead);
        await().atMost(SOON).until(() -> store.find("default", "planner") != null);
        assertThatItStaysOpen();
    }

    @Test
    void what_redis_was_not_asked_for_gives_way_to_nothing() {
        store.insteadOfTheNextWrite = () -> {
            throw StoreUnavailableException.notAsked("Redis is away", null);
        };

        trip();

        await().atMost(SOON).until(() -> circuits.snapshot(PLANNER).state() == CircuitState.CLOSED);
        assertThat(moves).containsExactly(CircuitState.OPEN, CircuitState.CLOSED);
    }

    private void trip() {
        circuits.getOrCreate(PLANNER).recordFailure(FailureKind.AUTHENTICATION);
    }

    private void assertThatItStaysOpen() {
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuits.flush(SOON)).isTrue();
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
        assertThat(moves).doesNotContain(CircuitState.CLOSED);
    }

    /** Redis, of which a test says what becomes of the next write. */
    private static final class LossyStore implements CircuitStore {
        private final RedisCircuitStore redis;
        private volatile @Nullable Runnable insteadOfTheNextWrite;
        private volatile @Nullable Runnable afterTheNextWrite;
        private volatile boolean forgotten;
        private volatile boolean findsNothingUntilRead;

        LossyStore(RedisCircuitStore redis) {
            this.redis = redis;
        }

        @Override
        public long nextGeneration() {
            return redis.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            redis.readNotClosed(reader);
            findsNothingUntilRead = false;
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            if (findsNothingUntilRead) {
                throw StoreUnavailableException.notAsked("Redis is away until all is read", null);
            }
            return redis.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            Runnable instead = insteadOfTheNextWrite;
            insteadOfTheNextWrite = null;
            if (instead != null) {
                instead.run();
            }
            List<CircuitRecord> inTheWay = redis.write(changes);
            Runnable after = afterTheNextWrite;
            afterTheNextWrite = null;
            if (after != null) {
                after.run();
            }
            return inTheWay;
        }

        @Override
        public void subscribe(CircuitSubscriber subscriber) {
            redis.subscribe(new CircuitSubscriber() {
                @Override
                public void onChanged(CircuitRecord record) {
                    subscriber.onChanged(record);
                }

                @Override
                public void onGap() {
                    subscriber.onGap();
                }

                @Override
                public void onForgotten() {
                    subscriber.onForgotten();
                    forgotten = true;
                }
            });
        }

        @Override
        public CircuitCoordination coordination() {
            return redis.coordination();
        }

        @Override
        public void close() {
            redis.close();
        }
    }
}
