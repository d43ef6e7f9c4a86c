package dev.interlock.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rule 17's figures with every named policy: nested guards of depth 2 to 5 recover after {@code successThreshold} real
 * calls, and a model that stays dead behind an inner fallback gets few.
 */
class Rule17NamedPoliciesTest {
    private static final String MODEL = "model:m";
    private static final int SECONDS_AN_HOUR = 3_600;

    /** How a guarded call makes the next one. */
    private enum Way {
        CALL {
            @Override
            void make(Guard guard, Work inner) throws Exception {
                guard.<Exception>run(inner::go);
            }
        },
        CALL_ASYNC {
            @Override
            void make(Guard guard, Work inner) throws Exception {
                try {
                    guard.callAsync(() -> {
                                try {
                                    inner.go();
                                    return CompletableFuture.completedFuture("well");
                                } catch (Exception failed) {
                                    return CompletableFuture.failedFuture(failed);
                                }
                            })
                            .join();
                } catch (CompletionException failed) {
                    throw failed.getCause() instanceof Exception cause ? cause : failed;
                }
            }
        },
        PERMIT {
            @Override
            void make(Guard guard, Work inner) throws Exception {
                try (Permit permit = guard.acquire()) {
                    permit.<Exception>run(inner::go);
                    permit.succeed();
                }
            }
        },
        SELF {
            @Override
            void make(Guard guard, Work inner) throws Exception {
                guard.<Exception>run(inner::go);
            }
        };

        abstract void make(Guard guard, Work inner) throws Exception;
    }

    private interface Work {
        void go() throws Exception;
    }

    private final ManualTimeSource time = new ManualTimeSource();
    private boolean well = true;
    private int real;

    static Map<String, CircuitBreakerConfig> policies() {
        return new TreeMap<>(Map.of(
                "default", CircuitBreakerConfig.defaults(),
                "recommended", CircuitBreakerConfig.recommended(),
                "upstream", CircuitBreakerConfig.upstream(),
                "attempts", CircuitBreakerConfig.attempts(),
                "recommended+probe", CircuitBreakerConfig.recommendedWithProbe(),
                "upstream+probe", CircuitBreakerConfig.upstreamWithProbe()));
    }

    static Stream<Arguments> chains() {
        return policies().entrySet().stream()
                .flatMap(policy -> Stream.of(Way.values())
                        .flatMap(way -> IntStream.rangeClosed(2, 5)
                                .mapToObj(depth -> Arguments.of(policy.getKey(), way, depth, policy.getValue()))));
    }

    @ParameterizedTest(name = "{0}, {1}, depth {2}")
    @MethodSource("chains")
    void a_model_that_is_well_again_needs_no_more_real_calls_than_the_successes_that_close(
            String name, Way way, int depth, CircuitBreakerConfig policy) throws Exception {
        try (CircuitBreakerManager circuits = manager(policy)) {
            circuits.getOrCreate(MODEL).override(ManualOverride.of(OverrideAction.OPEN, "test"));
            for (int i = 0; i < 200 && circuits.getOrCreate(MODEL).state() != CircuitState.CLOSED; i++) {
                time.advance(Duration.ofSeconds(1));
                try {
                    chain(circuits, way, depth);
                } catch (CircuitOpenException refused) {
                    assertThat(real).isLessThan(policy.successThreshold());
                }
            }
            assertThat(circuits.getOrCreate(MODEL).state()).isEqualTo(CircuitState.CLOSED);
            assertThat(real).isEqualTo(policy.successThreshold());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dead")
    void a_model_that_stays_dead_behind_an_inner_fallback_gets_few_calls_an_hour(
            String name, CircuitBreakerConfig policy, int most) throws Exception {
        well = false;
        try (CircuitBreakerManager circuits = manager(policy)) {
            List<String> answers = new ArrayList<>();
            for (int second = 0; second < SECONDS_AN_HOUR; second++) {
                time.advance(Duration.ofSeconds(1));
                answers.add(answerFromACache(circuits, "planner", "searcher"));
                answers.add(answerFromACache(circuits, "writer", "reader"));
            }
            assertThat(answers).containsOnly("from a cache");
            assertThat(circuits.getOrCreate(MODEL).state()).isNotEqualTo(CircuitState.CLOSED);
            assertThat(real).isBetween(1, most);
        }
    }

    static Stream<Arguments> dead() {
        return policies().entrySet().stream()
                .map(policy -> Arguments.of(
                        policy.getKey(), policy.getValue(), policy.getKey().equals("default") ? 70 : 40));
    }

    private CircuitBreakerManager manager(CircuitBreakerConfig policy) {
        return CircuitBreakerManager.builder()
                .defaults(policy)
                .time(time)
                .randomness(() -> 0.5)
                .executor(Runnable::run)
                .probe(MODEL, id -> well)
                .build();
    }

    private void chain(CircuitBreakerManager circuits, Way way, int depth) throws Exception {
        if (depth == 0) {
            ask();
        } else {
            String agent = way == Way.SELF ? "agent" : "agent-" + depth;
            way.make(circuits.guard(agent).dependingOn(MODEL), () -> chain(circuits, way, depth - 1));
        }
    }

    private String ask() throws ConnectException {
        real++;
        if (!well) {
            throw new ConnectException("dead");
        }
        return "from the model";
    }

    /** The inner call falls back when it is refused and when the model fails, so the outer one always succeeds. */
    private String answerFromACache(CircuitBreakerManager circuits, String outer, String inner) throws Exception {
        return circuits.guard(outer)
                .dependingOn(MODEL)
                .<String>withFallback(refused -> "from a cache")
                .call(() -> {
                    try {
                        return circuits.guard(inner)
                                .dependingOn(MODEL)
                                .<String>withFallback(refused -> "from a cache")
                                .call(this::ask);
                    } catch (ConnectException dead) {
                        return "from a cache";
                    }
                });
    }
}
