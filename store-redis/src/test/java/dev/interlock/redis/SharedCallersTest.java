package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.redis.Nodes.Node;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rule 18 where three processes share a model over a real Redis: who fails is known to all, and nobody is blamed for another. */
@Tag("slow")
class SharedCallersTest {
    private static final String MODEL = "model:m";
    private static final Duration COOLDOWN = Duration.ofSeconds(2);

    private static RedisServer redis;

    private final Nodes nodes = new Nodes(SharedCallersTest::settings);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    @Test
    void one_that_fails_alone_on_one_process_opens_its_own_circuit_everywhere_and_the_models_nowhere() {
        List<Node> all = three();
        wellAt(all.get(1), "writer");
        failUntilOpen(all.get(0), "reader", FailureKind.SERVER_ERROR);
        for (Node each : all) {
            eventually(() -> state(each, "reader") == CircuitState.OPEN);
            assertThat(state(each, MODEL)).isEqualTo(CircuitState.CLOSED);
            assertThat(call(each, "writer").tryAcquire()).isNotNull();
        }
        assertThat(cause(all.get(0), "reader")).isEqualTo("caller_alone");
    }

    @Test
    void two_that_fail_on_two_processes_open_the_model_for_all() {
        List<Node> all = three();
        wellAt(all.get(2), "writer");
        fail(all.get(0), "reader", FailureKind.SERVER_ERROR);
        fail(all.get(0), "reader", FailureKind.SERVER_ERROR);
        fail(all.get(1), "critic", FailureKind.SERVER_ERROR);

        for (Node each : all) {
            eventually(() -> state(each, MODEL) == CircuitState.OPEN);
            assertThat(state(each, "reader")).isEqualTo(CircuitState.CLOSED);
            assertThat(state(each, "critic")).isEqualTo(CircuitState.CLOSED);
        }
        assertThat(cause(all.get(2), MODEL)).isEqualTo("failure_streak");
    }

    @Test
    void a_kind_that_trips_needs_two_as_well() {
        List<Node> all = three();
        wellAt(all.get(1), "writer");
        List<String> heard = new CopyOnWriteArrayList<>();
        all.get(0).manager.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
            if (circuit.name().equals("reader")) {
                heard.add(outcome.kind() + " " + settlement);
            }
        });
        fail(all.get(0), "reader", FailureKind.MODEL_NOT_FOUND);
        eventually(() -> state(all.get(0), "reader") == CircuitState.OPEN);
        assertThat(heard)
                .as("it tripped by what this process knew, and the others forbade it")
                .containsExactly("MODEL_NOT_FOUND COUNTED");
        assertThat(cause(all.get(0), "reader")).isEqualTo("caller_alone");
        assertThat(all).allMatch(each -> state(each, MODEL) == CircuitState.CLOSED);

        fail(all.get(1), "writer", FailureKind.MODEL_NOT_FOUND);
        for (Node each : all) {
            eventually(() -> state(each, MODEL) == CircuitState.OPEN);
        }
        assertThat(cause(all.get(1), MODEL)).isEqualTo("failure_kind");
    }

    @Test
    void a_used_up_key_opens_for_all_by_one_of_them() {
        List<Node> all = three();
        Guard writer = all.get(1).manager.guard("writer").dependingOn("key:k");
        writer.acquire().succeed();
        eventually(() -> callersAreKnown("key:k"));

        all.get(0).manager.guard("reader").dependingOn("key:k").acquire().fail(FailureKind.QUOTA_EXHAUSTED);

        assertThat(state(all.get(0), "key:k"))
                .as("at once, without asking the others")
                .isEqualTo(CircuitState.OPEN);
        for (Node each : all) {
            eventually(() -> state(each, "key:k") == CircuitState.OPEN);
            assertThat(state(each, "reader")).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Test
    void a_streak_at_a_used_up_key_opens_for_all_by_one_of_them() {
        List<Node> all = three();
        all.get(1).manager.guard("writer").dependingOn("key:k").acquire().succeed();
        eventually(() -> callersAreKnown("key:k"));
        for (int i = 0; i < 3; i++) {
            all.get(0).manager.guard("reader").dependingOn("key:k").acquire().fail(FailureKind.RATE_LIMITED);
        }
        for (Node each : all) {
            eventually(() -> state(each, "key:k") == CircuitState.OPEN);
            assertThat(state(each, "reader")).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Test
    void a_detached_process_judges_by_the_callers_that_it_knows() {
        Proxy proxy = new Proxy(redis.port());
        try {
            Node alone = nodes.start(proxy.url());
            Node other = nodes.start(redis.url());
            other.manager.getOrCreate(MODEL);
            wellAt(other, "writer");
            fail(alone, "reader", FailureKind.SERVER_ERROR);
            eventually(() -> {
                Permit permit = call(alone, "reader").tryAcquire();
                if (permit != null) {
                    permit.fail(FailureKind.SERVER_ERROR);
                }
                return state(alone, "reader") == CircuitState.OPEN;
            });
            proxy.mode(Proxy.Mode.CUT);
            eventually(alone.manager::isDetached);

            fail(alone, "critic", FailureKind.SERVER_ERROR);
            assertThat(state(alone, MODEL))
                    .as("two of the three that it knows are failing")
                    .isEqualTo(CircuitState.OPEN);
            assertThat(state(other, MODEL)).isEqualTo(CircuitState.CLOSED);
        } finally {
            proxy.close();
        }
    }

    @Test
    void a_detached_process_that_knows_one_caller_trips_by_that_one() {
        Proxy proxy = new Proxy(redis.port());
        try {
            Node alone = nodes.start(proxy.url());
            Node other = nodes.start(redis.url());
            wellAt(other, "writer");
            alone.manager.getOrCreate(MODEL);
            proxy.mode(Proxy.Mode.CUT);
            eventually(alone.manager::isDetached);

            fail(alone, "reader", FailureKind.SERVER_ERROR);
            fail(alone, "reader", FailureKind.SERVER_ERROR);
            fail(alone, "reader", FailureKind.SERVER_ERROR);
            assertThat(state(alone, MODEL)).isEqualTo(CircuitState.OPEN);
        } finally {
            proxy.close();
        }
    }

    @Test
    void only_the_wait_of_the_failure_that_completes_the_trip_counts() {
        List<Node> all = three();
        all.get(0).manager.getOrCreate(MODEL);
        end(all.get(0), "reader", Outcome.failure(FailureKind.OVERLOADED).retryAfter(Duration.ofMinutes(50)));
        end(all.get(0), "reader", Outcome.failure(FailureKind.OVERLOADED));
        end(all.get(1), "critic", Outcome.failure(FailureKind.OVERLOADED));
        for (Node each : all) {
            eventually(() -> state(each, MODEL) == CircuitState.OPEN);
            assertThat(look(each, MODEL).retryAfter()).isLessThanOrEqualTo(Duration.ofMinutes(1));
        }
    }

    /** Where the machine stood still for too long nobody has to give way any more, and the trial fails once more. */
    @Test
    void whose_trial_failed_last_gives_way_on_every_process() {
        try (Nodes quick = new Nodes(config -> settings(config)
                .cooldown(COOLDOWN)
                .halfOpenMaxRequests(1)
                .successThreshold(1)
                .trialsAtOnce(1))) {
            Node one = quick.start(redis.url());
            Node other = quick.start(redis.url());
            other.manager.getOrCreate(MODEL);
            fail(one, "reader", FailureKind.SERVER_ERROR);
            fail(one, "reader", FailureKind.SERVER_ERROR);
            fail(other, "critic", FailureKind.SERVER_ERROR);
            eventually(() -> state(one, MODEL) == CircuitState.OPEN && state(other, MODEL) == CircuitState.OPEN);
            eventually(() -> isFailed(call(one, "reader").tryAcquire()));

            eventually(() -> {
                if (look(other, MODEL).failedTrials() == 0) {
                    return false; // it has not heard of the failed trial
                }
                Instant turn = Objects.requireNonNull(look(other, MODEL).openedAt())
                        .plus(COOLDOWN)
                        .plusSeconds(1);
                Permit reader = call(other, "reader").tryAcquire();
                if (reader != null) {
                    assertThat(Instant.now()).as("before it another may try").isAfter(turn);
                    isFailed(reader);
                }
                Permit critic = call(other, "critic").tryAcquire();
                return critic != null && critic.succeed() == Settlement.COUNTED;
            });
        }
    }

    private static boolean isFailed(@Nullable Permit trial) {
        return trial != null && trial.fail(FailureKind.SERVER_ERROR) == Settlement.COUNTED;
    }

    private List<Node> three() {
        List<Node> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Node node = nodes.start(redis.url());
            node.manager.getOrCreate(MODEL);
            all.add(node);
        }
        return all;
    }

    private void wellAt(Node node, String agent) {
        call(node, agent).acquire().succeed();
        eventually(() -> callersAreKnown(MODEL));
    }

    /** Whether a process has reported who calls. */
    private boolean callersAreKnown(String circuit) {
        try (RedisClient client = RedisClient.create(redis.url())) {
            return !client.connect()
                    .sync()
                    .keys("*" + nodes.prefix() + "*/" + circuit + "}:callers")
                    .isEmpty();
        }
    }

    private void failUntilOpen(Node node, String agent, FailureKind kind) {
        eventually(() -> {
            Permit permit = call(node, agent).tryAcquire();
            if (permit != null) {
                permit.fail(kind);
            }
            return state(node, agent) == CircuitState.OPEN;
        });
    }

    private static void fail(Node node, String agent, FailureKind kind) {
        end(node, agent, Outcome.failure(kind));
    }

    private static void end(Node node, String agent, Outcome outcome) {
        call(node, agent).acquire().settle(outcome);
    }

    private static Guard call(Node node, String agent) {
        return node.manager.guard(agent).dependingOn(MODEL);
    }

    private static CircuitState state(Node node, String name) {
        return look(node, name).state();
    }

    private static String cause(Node node, String name) {
        return Objects.requireNonNull(look(node, name).opening()).cause();
    }

    private static CircuitSnapshot look(Node node, String name) {
        return node.manager.snapshot(CircuitId.of(name));
    }

    private static ConfigBuilder settings(ConfigBuilder config) {
        return config.failureThreshold(3).failureRateThreshold(null).minCallers(2);
    }
}
