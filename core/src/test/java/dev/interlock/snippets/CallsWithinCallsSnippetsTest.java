package dev.interlock.snippets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.interlock.CallChain;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitState;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The code of the page on calls within calls, run while the model's circuit is half-open with a single place: an inner call
 * that did not know the call around it would be refused.
 */
class CallsWithinCallsSnippetsTest {
    /** Answers at once. */
    private static class Model {
        String chat(String prompt) {
            return "answer to " + prompt;
        }

        CompletableFuture<String> chatAsync(String prompt) {
            return CompletableFuture.supplyAsync(() -> chat(prompt));
        }
    }

    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.builder()
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build())
            .time(time)
            .executor(Runnable::run)
            .build();
    private final Guard planner = circuits.guard("planner").dependingOn("model:m");
    private final Guard searcher = circuits.guard("searcher").dependingOn("model:m");
    private final Model model = new Model();
    private final String prompt = "a question";
    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    CallsWithinCallsSnippetsTest() {
        circuits.getOrCreate("model:m").override(ManualOverride.of(OverrideAction.OPEN, "test"));
        time.advance(Duration.ofMinutes(1));
    }

    @AfterEach
    void close() {
        executor.shutdown();
        circuits.close();
    }

    private void assertRecovered() {
        assertThat(circuits.getOrCreate("model:m").state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void on_one_thread() {
        // tag::chain-call[]
        String plan = planner.call(() -> searcher.call(() -> model.chat(prompt)));
        // end::chain-call[]
        assertThat(plan).isEqualTo("answer to a question");
        assertRecovered();
    }

    @Test
    void around_the_calls_of_a_model() {
        Model model = new Model() {
            @Override
            String chat(String question) {
                throw new IllegalStateException(new java.net.ConnectException("down"));
            }
        };
        assertThatThrownBy(() -> {
            // tag::chain-enclosing[]
            Guard agent = circuits.guard("planner");
            Guard asking = agent.dependingOn("model:kimi-k2");
            String plan = agent.enclosing().call(() -> asking.call(() -> model.chat(prompt)));
            // end::chain-enclosing[]
            throw new AssertionError(plan);
        });
        assertThat(failures("model:kimi-k2")).isEqualTo(1);
        assertThat(failures("planner")).isZero();
    }

    private int failures(String agent) {
        return circuits.getOrCreate(agent).snapshot().figures().failures();
    }

    @Test
    void with_a_permit() {
        // tag::chain-permit[]
        try (Permit permit = planner.acquire()) {
            String plan = permit.supply(() -> searcher.call(() -> model.chat(prompt)));
            permit.succeed();
        }
        // end::chain-permit[]
        assertRecovered();
    }

    @Test
    void on_an_executor() {
        // tag::chain-executor[]
        String plan = planner.call(() -> {
            CompletableFuture<String> found = CompletableFuture.supplyAsync(
                    Permit.current().wrap(() -> searcher.call(() -> model.chat(prompt))), executor);
            return found.join();
        });
        // end::chain-executor[]
        assertThat(plan).isEqualTo("answer to a question");
        assertRecovered();
    }

    @Test
    void in_the_steps_of_a_stage() {
        // tag::chain-stage[]
        CompletableFuture<String> plan = planner.callAsync(() -> model.chatAsync(prompt)
                .thenCompose(Permit.current().wrap((String idea) -> searcher.callAsync(() -> model.chatAsync(idea)))));
        // end::chain-stage[]
        assertThat(plan.join()).isEqualTo("answer to answer to a question");
        assertRecovered();
    }

    @Test
    void on_virtual_threads() throws Throwable {
        assumeThat(Runtime.version().feature())
                .as("virtual threads come with Java 21")
                .isGreaterThanOrEqualTo(21);
        ExecutorService threads = (ExecutorService) MethodHandles.publicLookup()
                .findStatic(
                        Executors.class,
                        "newVirtualThreadPerTaskExecutor",
                        MethodType.methodType(ExecutorService.class))
                .invoke();
        List<String> questions = List.of("why");
        try {
            // tag::chain-virtual[]
            List<String> answers = planner.call(() -> {
                CallChain chain = Permit.current();
                List<CompletableFuture<String>> asked = questions.stream()
                        .map(question -> CompletableFuture.supplyAsync(
                                chain.wrap(() -> searcher.call(() -> model.chat(question))), threads))
                        .toList();
                return asked.stream().map(CompletableFuture::join).toList();
            });
            // end::chain-virtual[]
            assertThat(answers).containsExactly("answer to why");
            assertRecovered();
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void in_reactive_code() {
        List<String> answers = new CopyOnWriteArrayList<>();
        try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>()) {
            // tag::chain-reactive[]
            CompletableFuture<Void> all = planner.callAsync(() -> {
                Function<String, String> ask =
                        Permit.current().wrap((String question) -> searcher.call(() -> model.chat(question)));
                return publisher.consume(question -> answers.add(ask.apply(question)));
            });
            // end::chain-reactive[]
            publisher.submit("how");
            publisher.close();
            all.join();
        }
        assertThat(answers).containsExactly("answer to how");
        assertRecovered();
    }
}
