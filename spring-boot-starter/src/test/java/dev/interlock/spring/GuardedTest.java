package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What guarded methods do: values, stages, pieces and publishers; names, fallbacks, time limits, classifiers. */
class GuardedTest {
    record Request(String tenant, String model) {}

    static class Base<T> {
        @Guarded(value = "planner", fallbackMethod = "generic")
        public T answer(T question) {
            return question;
        }

        @SuppressWarnings("unused")
        private T generic(T question, CircuitOpenException refused) {
            return question;
        }
    }

    static class Agents extends Base<String> {
        Throwable next;
        int calls;
        CompletableFuture<String> pending = new CompletableFuture<>();

        private <T> T end(T value) throws Exception {
            calls++;
            if (next instanceof Exception exception) {
                throw exception;
            }
            return value;
        }

        @Guarded(
                value = "planner",
                dependingOn = {"model:${test.model}", "tool:web"})
        public String plain() throws Exception {
            return end("plain");
        }

        @Guarded(value = "planner-#{#request.tenant}", dependingOn = "model:#{#request.model}")
        public String expressions(Request request) throws Exception {
            return end("expressions");
        }

        @Guarded(value = "planner", fallbackMethod = "refused")
        public String falling(String question) throws Exception {
            return end("falling");
        }

        private String refused(String question, CircuitOpenException open) {
            return question + " refused by " + open.id();
        }

        private String refused(String question, IOException broken) {
            return question + " broken: " + broken.getMessage();
        }

        /** Asks a model by a guard of its own, as the adapters do. */
        private String ask() throws Exception {
            return circuits.guard("planner").dependingOn("model:kimi-k2").call(() -> end("asked"));
        }

        @Guarded("planner")
        public String asking() throws Exception {
            return ask();
        }

        @Guarded("planner")
        public CompletableFuture<String> askingLater() throws Exception {
            return CompletableFuture.completedFuture(ask());
        }

        @Guarded("planner")
        public Mono<String> askingMono() {
            return Mono.fromCallable(this::ask);
        }

        @Guarded("planner")
        public Flux<String> askingFlux() {
            return Flux.defer(() -> Mono.fromCallable(this::ask));
        }

        @Guarded("planner")
        public Stream<String> askingStream() throws Exception {
            return Stream.of(ask());
        }

        @Guarded(value = "planner", fallbackMethod = "shorter")
        public CharSequence covariant() throws Exception {
            return end("covariant");
        }

        String shorter() {
            return "short";
        }

        @Guarded(value = "planner", fallbackMethod = "helper::help")
        public String helped() throws Exception {
            return end("helped");
        }

        @Guarded(value = "planner", fallbackMethod = "later", timeout = "${test.limit}")
        public CompletableFuture<String> stage() throws Exception {
            end("");
            return pending;
        }

        private CompletableFuture<String> later(Exception thrown) {
            return CompletableFuture.completedFuture(
                    "later: " + thrown.getClass().getSimpleName());
        }

        @Guarded("planner")
        public CompletableFuture<String> bareStage() throws Exception {
            end("");
            return pending;
        }

        @Guarded(value = "planner", fallbackMethod = "monoRefused", timeout = "30s")
        public Mono<String> mono() {
            return Mono.defer(() -> {
                calls++;
                return next == null ? Mono.just("mono") : Mono.error(next);
            });
        }

        private Mono<String> monoRefused() {
            return Mono.just("refused");
        }

        @Guarded(value = "planner", timeout = "50ms")
        public Flux<String> flux() {
            return Flux.just("one", "two").concatWith(next == null ? Mono.never() : Mono.error(next));
        }

        @Guarded("planner")
        public Flux<String> pieces() {
            return Flux.just("one", "two");
        }

        @Guarded("planner")
        public Stream<String> stream() throws Exception {
            return end(Stream.of("one", "two"));
        }

        @Guarded("planner")
        public Iterator<String> iterator() throws Exception {
            return end(List.of("one").iterator());
        }

        @Guarded(value = "planner", classifier = "empties")
        public String judged() throws Exception {
            return end("");
        }
    }

    @Guarded("writer")
    static class Whole {
        public String one() {
            return "one";
        }

        protected String hidden() {
            return "hidden";
        }
    }

    static class Helper {
        String help(CircuitOpenException open) {
            return "help";
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {
        @Bean
        Agents agents() {
            return new Agents();
        }

        @Bean
        Whole whole() {
            return new Whole();
        }

        @Bean
        Helper helper() {
            return new Helper();
        }

        @Bean(defaultCandidate = false)
        FailureClassifier empties() {
            return new FailureClassifier() {
                @Override
                public Outcome ofException(Throwable thrown) {
                    return Outcome.failure(FailureKind.ERROR);
                }

                @Override
                public Outcome ofResult(Object result) {
                    return "".equals(result) ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success();
                }
            };
        }
    }

    private static ConfigurableApplicationContext context;
    private static CircuitBreakerManager circuits;
    private static Agents agents;

    @BeforeAll
    static void start() {
        SpringApplication application = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "test.model=kimi-k2", "test.limit=30s", "spring.main.banner-mode=off", "logging.level.root=off")
                .build();
        context = application.run();
        circuits = context.getBean(CircuitBreakerManager.class);
        agents = context.getBean(Agents.class);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    private Agents real;

    @BeforeEach
    void clean() throws Exception {
        real = (Agents) ((org.springframework.aop.framework.Advised) agents)
                .getTargetSource()
                .getTarget();
        real.next = null;
        real.calls = 0;
        real.pending = new CompletableFuture<>();
        circuits.snapshots().toList().forEach(each -> override(each.id().name(), OverrideAction.RESET));
    }

    private static void override(String agent, OverrideAction action) {
        circuits.override(CircuitId.of(agent), ManualOverride.of(action, "ann"));
    }

    private static CircuitSnapshot of(String agent) {
        return circuits.snapshot(CircuitId.of(agent));
    }

    private static void counted(String agent, int calls, int failures) {
        assertThat(of(agent).figures().calls()).as("calls of " + agent).isEqualTo(calls);
        assertThat(of(agent).figures().failures()).as("failures of " + agent).isEqualTo(failures);
    }

    @Test
    void a_value_asks_all_circuits_and_a_failure_counts_where_it_belongs() throws Exception {
        assertThat(agents.plain()).isEqualTo("plain");
        real.next = new TimeoutException("slow");
        assertThatThrownBy(agents::plain).isSameAs(real.next);

        counted("planner", 2, 1); // of two upstreams nobody can say which it was
        counted("model:kimi-k2", 1, 0);
        override("tool:web", OverrideAction.HOLD_OPEN);
        assertThatThrownBy(agents::plain)
                .isInstanceOf(CircuitOpenException.class)
                .hasMessageContaining("tool:web");
        assertThat(real.calls).isEqualTo(2);
        override("tool:web", OverrideAction.RELEASE);
    }

    @Test
    void names_come_from_placeholders_and_from_arguments() throws Exception {
        agents.expressions(new Request("acme", "glm-5"));
        counted("planner-acme", 1, 0);
        counted("model:glm-5", 1, 0);
        assertThatThrownBy(() -> agents.expressions(new Request("acme", null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'#request.model' in 'model:#{#request.model}' of expressions gave nothing");
    }

    @Test
    void a_fallback_answers_refusals_and_one_with_another_exception_such_failures_alone() throws Exception {
        assertThat(agents.falling("q")).isEqualTo("falling");
        real.next = new IOException("pipe");
        assertThat(agents.falling("q")).isEqualTo("q broken: pipe");
        counted("planner", 2, 1);
        real.next = new IllegalStateException("bug");
        assertThatThrownBy(() -> agents.falling("q")).isSameAs(real.next);
        override("planner", OverrideAction.OPEN);
        assertThat(agents.falling("q")).isEqualTo("q refused by planner");
        assertThat(agents.helped()).isEqualTo("help");
        assertThat(agents.covariant()).isEqualTo("short");
        assertThat(agents.answer("generic")).isEqualTo("generic");
    }

    /** Otherwise an outage of a model would open every agent that asks it. */
    @Test
    void what_a_model_fails_with_within_the_method_is_not_the_agents() {
        real.next = new ConnectException("down");
        List<ThrowingCallable> asking = List.of(
                agents::asking,
                () -> agents.askingLater().join(),
                () -> agents.askingMono().block(),
                () -> agents.askingFlux().blockLast(),
                () -> agents.askingStream().toList());
        for (ThrowingCallable each : asking.subList(0, 4)) {
            assertThatThrownBy(each).hasStackTraceContaining("down");
        }
        counted("model:kimi-k2", 4, 4);
        counted("planner", 0, 0);

        assertThatThrownBy(asking.get(4)).isSameAs(real.next);
        assertThat(of("model:kimi-k2")).extracting(CircuitSnapshot::state).isEqualTo(CircuitState.OPEN);
        counted("planner", 0, 0);
    }

    @Test
    void a_good_call_within_the_method_counts_once() throws Exception {
        assertThat(agents.asking()).isEqualTo("asked");
        assertThat(agents.askingMono().block()).isEqualTo("asked");
        assertThat(agents.askingFlux().blockLast()).isEqualTo("asked");
        counted("planner", 3, 0);
        counted("model:kimi-k2", 3, 0);
    }

    /** A refusal by another's circuit, further down, is no refusal by this guard. */
    @Test
    void a_refusal_from_within_the_call_is_not_answered_as_ones_own() {
        override("writer", OverrideAction.OPEN);
        real.next = org.assertj.core.api.Assertions.catchThrowableOfType(
                CircuitOpenException.class, () -> circuits.guard("writer").run(() -> {}));
        assertThatThrownBy(() -> agents.falling("q")).isSameAs(real.next);
        counted("planner", 0, 0);
    }

    @Test
    void a_stage_is_guarded_until_it_completes() throws Exception {
        CompletableFuture<String> stage = agents.bareStage();
        counted("planner", 0, 0);
        real.pending.complete("done");
        assertThat(stage.join()).isEqualTo("done");
        counted("planner", 1, 0);

        real.pending = new CompletableFuture<>();
        CompletableFuture<String> failing = agents.stage();
        real.pending.completeExceptionally(new TimeoutException("slow"));
        assertThat(failing.join()).isEqualTo("later: TimeoutException");
        counted("planner", 2, 1);

        override("planner", OverrideAction.OPEN);
        assertThat(agents.stage().join()).isEqualTo("later: CircuitOpenException");
        assertThatThrownBy(() -> agents.bareStage().join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(CircuitOpenException.class);
    }

    @Test
    void a_stage_that_is_given_up_says_nothing_and_its_source_is_cancelled() throws Exception {
        agents.stage().cancel(true);
        assertThat(real.pending).isCancelled();
        counted("planner", 0, 0);
    }

    @Test
    void each_subscription_of_a_mono_is_a_call() {
        Mono<String> mono = agents.mono();
        counted("planner", 0, 0);
        assertThat(mono.block()).isEqualTo("mono");
        assertThat(mono.block()).isEqualTo("mono");
        counted("planner", 2, 0);
        real.next = new IOException("pipe");
        assertThatThrownBy(mono::block).hasRootCause(real.next);
        counted("planner", 3, 1);
        mono.subscribe(value -> {}, thrown -> {}).dispose();
        override("planner", OverrideAction.OPEN);
        assertThat(mono.block()).isEqualTo("refused");
    }

    @Test
    void a_flux_is_guarded_until_it_ends_and_a_limit_ends_it() {
        assertThat(agents.pieces().collectList().block()).containsExactly("one", "two");
        counted("planner", 1, 0);
        assertThat(agents.pieces().next().block()).isEqualTo("one"); // cancelled after the first
        counted("planner", 1, 0);
        assertThatThrownBy(() -> agents.flux().collectList().block(Duration.ofSeconds(30)))
                .hasRootCauseInstanceOf(TimeoutException.class);
        counted("planner", 2, 1);
        override("planner", OverrideAction.OPEN);
        assertThatThrownBy(() -> agents.pieces().blockLast()).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void streams_and_iterators_are_guarded_until_they_end() throws Exception {
        try (Stream<String> stream = agents.stream()) {
            counted("planner", 0, 0);
            assertThat(stream.toList()).containsExactly("one", "two");
        }
        counted("planner", 1, 0);
        Iterator<String> iterator = agents.iterator();
        assertThat(iterator.next()).isEqualTo("one");
        assertThat(iterator.hasNext()).isFalse();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> counted("planner", 2, 0));
        override("planner", OverrideAction.OPEN);
        assertThatThrownBy(agents::stream).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void a_classifier_that_is_named_judges() throws Exception {
        agents.judged();
        counted("planner", 1, 1);
    }

    @Test
    void a_guarded_class_has_its_public_methods_guarded() {
        Whole whole = context.getBean(Whole.class);
        whole.one();
        whole.hidden();
        counted("writer", 1, 0);
    }

    /** The proxy of Spring takes 72 B of it. */
    @Test
    void a_good_call_takes_little_memory() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long here = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(here);
            for (int i = 0; i < 10_000; i++) {
                agents.helped();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(here) - before);
        }
        assertThat(least / 10_000).isLessThanOrEqualTo(200);
    }

    @Test
    void a_call_within_a_call_of_the_same_circuit_needs_no_second_trial() throws Exception {
        override("planner", OverrideAction.OPEN);
        override("planner", OverrideAction.PROBE_NOW);
        assertThat(circuits.guard("planner").call(agents::helped)).isEqualTo("helped");
    }
}
