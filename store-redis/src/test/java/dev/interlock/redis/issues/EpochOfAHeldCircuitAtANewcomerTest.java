package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A process that joined showed a held circuit under a number of its own, and so did one that heard of a circuit for the
 * first time: an action that names the epoch which another process showed did nothing there.
 */
class EpochOfAHeldCircuitAtANewcomerTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final RedisServer redis = RedisServer.start();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        redis.close();
    }

    @Test
    void a_process_that_joins_shows_the_epoch_of_those_that_were_there() {
        CircuitBreakerManager a = join();
        CircuitBreakerManager b = join();
        a.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
        await().atMost(SOON).until(() -> b.snapshot(PLANNER).hold() != null);
        long epoch = a.snapshot(PLANNER).epoch();

        CircuitBreakerManager c = join();

        assertThat(List.of(a, b, c))
                .extracting(each -> each.snapshot(PLANNER).epoch())
                .containsOnly(epoch);
        assertThat(c.snapshot(PLANNER).hold()).isNotNull();
    }

    @Test
    void so_it_is_for_one_that_is_open_and_cools_down() {
        CircuitBreakerManager a = join();
        a.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
        assertThat(a.flush(SOON)).isTrue();

        CircuitBreakerManager b = join();

        assertThat(b.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.snapshot(PLANNER).epoch()).isEqualTo(a.snapshot(PLANNER).epoch());
    }

    @Test
    void what_it_does_next_is_no_number_of_anybody_else() {
        CircuitBreakerManager a = join();
        a.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
        assertThat(a.flush(SOON)).isTrue();
        CircuitBreakerManager b = join();

        b.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_CLOSED, "ben"));

        long epoch = b.snapshot(PLANNER).epoch();
        assertThat(epoch >>> 32).isEqualTo(b.generation());
        await().atMost(SOON)
                .until(() -> a.snapshot(PLANNER).state() == CircuitState.CLOSED
                        && a.snapshot(PLANNER).epoch() == epoch);
        CircuitSnapshot atA = a.snapshot(PLANNER);
        a.override(PLANNER, ManualOverride.of(OverrideAction.RELEASE, "anna"));
        assertThat(a.snapshot(PLANNER).epoch()).isGreaterThan(atA.epoch());
        await().atMost(SOON).until(() -> b.snapshot(PLANNER).hold() == null);
        assertThat(b.snapshot(PLANNER).epoch()).isEqualTo(a.snapshot(PLANNER).epoch());
    }

    private CircuitBreakerManager join() {
        RedisCircuitStore store =
                RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(2)));
        open.add(store);
        CircuitBreakerManager manager = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder()
                        .scope(Scope.SHARED)
                        .cooldown(Duration.ofHours(1))
                        .build())
                .store(store)
                .build();
        open.add(manager);
        return manager;
    }
}
