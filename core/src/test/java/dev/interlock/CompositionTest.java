package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Several circuits around one call: whom a failure of each kind is attributed to, whatever the call depends on. */
class CompositionTest {
    private static final String AGENT = "agent";
    private static final String NOBODY = "-";

    private final Lab lab = new Lab();

    /** Columns: the kind, then whom it is attributed to with each set of dependencies. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            value = {
                // kind           | alone | model      | model, tool | model, key | key   | tool       | two models, key
                "TIMEOUT          | agent | model:kimi | agent       | model:kimi | agent | tool:web   | agent",
                "CONNECTION       | agent | model:kimi | agent       | model:kimi | agent | tool:web   | agent",
                "SERVER_ERROR     | agent | model:kimi | agent       | model:kimi | agent | tool:web   | agent",
                "OVERLOADED       | agent | model:kimi | agent       | model:kimi | agent | tool:web   | agent",
                "EMPTY_RESPONSE   | agent | model:kimi | agent       | model:kimi | agent | tool:web   | agent",
                "ERROR            | agent | agent      | agent       | agent      | agent | agent      | agent",
                "MALFORMED_OUTPUT | agent | agent      | agent       | agent      | agent | agent      | agent",
                "RATE_LIMITED     | agent | model:kimi | agent       | key:one    | key:one | tool:web | key:one",
                "QUOTA_EXHAUSTED  | agent | model:kimi | agent       | key:one    | key:one | tool:web | key:one",
                "AUTHENTICATION   | agent | agent      | agent       | key:one    | key:one | agent    | key:one",
                "MODEL_NOT_FOUND  | agent | model:kimi | model:kimi  | model:kimi | agent | tool:web   | agent",
                "LOOP             | agent | agent      | agent       | agent      | agent | agent      | agent",
                "BUDGET           | agent | agent      | agent       | agent      | agent | agent      | agent",
                "TOOL_ERROR       | agent | agent      | tool:web    | agent      | agent | tool:web   | agent",
                "CANCELLED        | -     | -          | -           | -          | -     | -          | -",
                "DOWNSTREAM_OPEN  | -     | -          | -           | -          | -     | -          | -",
            })
    void a_failure_reaches_the_circuit_that_it_is_attributed_to_and_no_other(
            FailureKind kind,
            String alone,
            String model,
            String modelAndTool,
            String modelAndKey,
            String key,
            String tool,
            String twoModelsAndKey) {
        assertAttributed(kind, alone);
        assertAttributed(kind, model, "model:kimi");
        assertAttributed(kind, modelAndTool, "model:kimi", "tool:web");
        assertAttributed(kind, modelAndKey, "model:kimi", "key:one");
        assertAttributed(kind, key, "key:one");
        assertAttributed(kind, tool, "tool:web");
        assertAttributed(kind, twoModelsAndKey, "model:kimi", "model:opus", "key:one");
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"TIMEOUT", "ERROR", "RATE_LIMITED", "AUTHENTICATION", "TOOL_ERROR"})
    void a_failure_that_names_a_circuit_is_attributed_to_that_one(FailureKind kind) {
        Lab lab = new Lab();
        Guard guard = lab.circuits.guard(AGENT).dependingOn("model:kimi", "model:opus", "key:one");

        guard.acquire().settle(Outcome.failure(kind).attributedTo("model:opus"));

        assertThat(failed(lab)).containsExactly("model:opus");
    }

    @Test
    void a_failure_that_names_the_agent_is_attributed_to_the_agent_even_where_its_kind_says_otherwise() {
        lab.circuits
                .guard(AGENT)
                .dependingOn("model:kimi")
                .acquire()
                .settle(Outcome.failure(FailureKind.TIMEOUT).attributedTo(AGENT));

        assertThat(failed(lab)).containsExactly(AGENT);
    }

    @Test
    void a_name_that_is_none_of_the_guards_circuits_is_as_good_as_none() {
        lab.circuits
                .guard(AGENT)
                .dependingOn("model:kimi")
                .acquire()
                .settle(Outcome.failure(FailureKind.TIMEOUT).attributedTo("model:unknown"));

        assertThat(failed(lab)).containsExactly("model:kimi");
    }

    @Test
    void a_guard_says_whom_an_outcome_is_attributed_to() {
        Guard guard = lab.circuits.guard(AGENT).dependingOn("model:kimi");
        assertThat(guard.attributedTo(Outcome.failure(FailureKind.TIMEOUT))).isEqualTo(CircuitId.of("model:kimi"));
        assertThat(guard.attributedTo(Outcome.failure(FailureKind.ERROR))).isEqualTo(CircuitId.of(AGENT));
        assertThat(guard.attributedTo(Outcome.success())).isNull();
    }

    @Test
    void a_call_with_one_circuit_alone_lands_every_kind_on_it() {
        for (FailureKind kind : FailureKind.values()) {
            Treatment treatment = kind.treatment(false);
            if (treatment != Treatment.IGNORE && treatment != Treatment.ANSWERED) {
                Lab lab = new Lab();
                lab.circuits.guard("model:kimi").acquire().fail(kind);
                assertThat(failed(lab)).as("%s", kind).containsExactly("model:kimi");
            }
        }
    }

    @Test
    void a_success_is_one_of_all() {
        lab.circuits.guard(AGENT).dependingOn("model:kimi", "key:one").<String, RuntimeException>call(() -> "plan");

        for (String name : List.of(AGENT, "model:kimi", "key:one")) {
            assertThat(lab.circuits.getOrCreate(name)).hasCounted(1, 0);
        }
    }

    @Test
    void the_other_circuits_see_it_as_ignored_and_give_a_trials_place_back() {
        lab.tripAndCool();
        Guard guard = lab.circuits.guard(AGENT).dependingOn("model:kimi");

        assertThatThrownBy(() -> guard.run(() -> {
                    throw new SocketTimeoutException();
                }))
                .isInstanceOf(SocketTimeoutException.class);

        assertThat(lab).isHalfOpen().hasTrials(0, 0);
        assertThat(lab.circuits.getOrCreate("model:kimi")).hasCounted(1, 1);
    }

    @Test
    void a_bug_in_one_agent_does_not_open_a_model_for_the_fleet() {
        Guard guard = lab.circuits.guard(AGENT).dependingOn("model:kimi");
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> guard.run(() -> {
                        throw new NullPointerException();
                    }))
                    .isInstanceOf(NullPointerException.class);
        }
        assertThat(lab).isOpen();
        assertThat(lab.circuits.getOrCreate("model:kimi")).isClosed();
    }

    @Test
    void the_settlement_reported_is_that_of_the_circuit_it_is_attributed_to() {
        Guard guard = lab.circuits.guard(AGENT).dependingOn("model:kimi");
        Permit call = guard.acquire();
        lab.circuits.getOrCreate("model:kimi").recordFailure(FailureKind.LOOP);

        assertThat(call.fail(FailureKind.TIMEOUT)).isEqualTo(Settlement.LATE);
        assertThat(guard.id()).isEqualTo(call.id());
    }

    @Test
    void a_joint_permit_is_settled_once() {
        Permit call = lab.circuits.guard(AGENT).dependingOn("model:kimi").acquire();
        call.succeed();

        assertThat(call.fail(FailureKind.ERROR)).isEqualTo(Settlement.REPEATED);
        assertThat(call.isSettled()).isTrue();
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_joint_permit_closed_unsettled_is_an_error_of_the_agent() {
        try (Permit call = lab.circuits.guard(AGENT).dependingOn("model:kimi").acquire()) {
            assertThat(call.isSettled()).isFalse();
        }
        assertThat(failed(lab)).containsExactly(AGENT);
    }

    @Test
    void an_async_call_settles_all_when_it_ends() {
        CompletableFuture<String> model = new CompletableFuture<>();
        CompletableFuture<String> plan =
                lab.circuits.guard(AGENT).dependingOn("model:kimi").callAsync(() -> model);
        model.completeExceptionally(new IOException(new SocketTimeoutException()));

        assertThat(plan).isCompletedExceptionally();
        assertThat(failed(lab)).containsExactly("model:kimi");
    }

    @Test
    void dependencies_are_of_the_agents_organization() {
        Guard guard = lab.circuits.guard(new CircuitId("acme", AGENT)).dependingOn("model:kimi");

        assertThat(guard.dependencies()).containsExactly(new CircuitId("acme", "model:kimi"));
    }

    private static void assertAttributed(FailureKind kind, String expected, String... dependencies) {
        Lab lab = new Lab(Lab.settings().build());
        lab.circuits.guard(AGENT).dependingOn(dependencies).acquire().fail(kind);
        assertThat(failed(lab))
                .as("whom %s is attributed to with %s", kind, List.of(dependencies))
                .isEqualTo(expected.equals(NOBODY) ? List.of() : List.of(expected));
        Stream.of(dependencies)
                .filter(each -> !each.equals(expected))
                .forEach(each ->
                        assertThat(lab.circuits.getOrCreate(each)).isClosed().hasCounted(0, 0));
    }

    /** The names of the circuits that counted a failure. */
    private static List<String> failed(Lab lab) {
        List<String> failed = new ArrayList<>();
        lab.circuits
                .snapshots()
                .filter(each -> each.figures().failures() > 0)
                .forEach(each -> failed.add(each.id().name()));
        return failed;
    }

    /** Two permits, what holds them, and nothing for their settlement. */
    @Test
    void a_good_call_of_two_closed_circuits_takes_little_memory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Guard guard = lab.circuits.guard(AGENT).dependingOn("model:kimi");
        Work<String, RuntimeException> work = () -> "plan";
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 10_000; i++) {
                guard.call(work);
            }
            least = Math.min(
                    least,
                    threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before);
        }

        assertThat(least / 10_000).as("bytes a call").isLessThanOrEqualTo(104);
    }
}
