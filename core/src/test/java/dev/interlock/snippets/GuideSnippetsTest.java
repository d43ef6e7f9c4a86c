package dev.interlock.snippets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Retry;
import dev.interlock.RetryGuard;
import dev.interlock.StateTransition;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import dev.interlock.Treatment;
import dev.interlock.Window;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The code of the guide and of the page on circuit breakers, run. */
class GuideSnippetsTest {
    private final Model model = new Model();
    private final Cache cached = new Cache();
    private final String prompt = "Plan a trip";
    private final List<StateTransition> log = new ArrayList<>();
    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).executor(Runnable::run).build();
    private final Guard planner = circuits.guard("planner");

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void quickstart() {
        // tag::quickstart[]
        var circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        Guard planner = circuits.guard("planner")
                .dependingOn("model:kimi-k2")
                .withClassifier(FailureClassifier.standard().status(ModelException.class, e -> e.status));

        String plan = planner.call(() -> model.chat(prompt));
        // end::quickstart[]
        for (int call = 0; call < 5; call++) {
            assertThatThrownBy(() -> planner.run(() -> {
                        throw new ModelException(500, null);
                    }))
                    .isInstanceOf(ModelException.class);
        }
        assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2")).state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuits.snapshot(planner.id()).figures().failures()).isZero();
        assertThat(plan).isEqualTo("answer to Plan a trip");
        circuits.close();
    }

    @Test
    void call() {
        // tag::call[]
        try {
            String plan = planner.call(() -> model.read(prompt)); // throws IOException, as read does
            use(plan);
        } catch (CircuitOpenException refused) {
            comeBackIn(refused.retryAfter()); // nothing was called
        } catch (IOException failed) {
            report(failed); // the call failed, and that has been counted
        }
        // end::call[]
        assertThat(cached.used).containsExactly("answer to Plan a trip");
    }

    @Test
    void run() {
        // tag::run[]
        planner.run(() -> model.warmUp());
        // end::run[]
        assertThat(model.calls).isEqualTo(1);
    }

    @Test
    void async() {
        // tag::async[]
        CompletableFuture<String> later =
                planner.withTimeout(Duration.ofSeconds(90)).callAsync(() -> model.chatAsync(prompt));
        // end::async[]
        time.advance(Duration.ofSeconds(90));
        assertThat(later).isCompletedExceptionally();
    }

    @Test
    void context() throws Exception {
        // tag::context[]
        try (Permit permit = planner.acquire()) {
            try {
                use(model.chat(prompt));
                permit.succeed();
            } catch (Exception e) {
                permit.fail(e);
                throw e;
            }
        }
        // end::context[]
        assertThat(circuits.snapshot(planner.id()).figures().calls()).isEqualTo(1);
    }

    @Test
    void tryAcquire() {
        trip("planner");
        // tag::try-acquire[]
        Permit permit = planner.tryAcquire();
        if (permit == null) {
            use(cached.plan());
        }
        // end::try-acquire[]
        assertThat(cached.used).containsExactly("yesterday's plan");
    }

    @Test
    void retry() {
        // tag::retry[]
        RetryGuard patient = planner.withRetry(Retry.upTo(3));
        String plan = patient.call(() -> model.chat(prompt));
        // end::retry[]
        assertThat(plan).isEqualTo("answer to " + prompt);
    }

    interface Handler {
        void onPiece(String piece);

        void onError(Throwable thrown);

        void onComplete();
    }

    interface Call {
        void cancel();
    }

    private static final class StreamingModel {
        private final List<String> cancelled = new ArrayList<>();
        private @Nullable Handler handler;

        Call stream(String prompt, Handler given) {
            handler = given;
            return () -> cancelled.add(prompt);
        }
    }

    private final List<String> shown = new ArrayList<>();

    private void show(String piece) {
        shown.add(piece);
    }

    @Test
    void pieces() {
        StreamingModel model = new StreamingModel();
        // tag::stream[]
        StreamLimits limits = StreamLimits.none()
                .firstPiece(Duration.ofSeconds(30))
                .betweenPieces(Duration.ofSeconds(20))
                .total(Duration.ofMinutes(10));
        StreamPermit stream = planner.stream(limits);
        Call call = model.stream(prompt, new Handler() {
            @Override
            public void onPiece(String piece) {
                if (stream.next()) { // false once the stream has ended: nobody wants the piece
                    show(piece);
                }
            }

            @Override
            public void onError(Throwable thrown) {
                stream.fail(thrown);
            }

            @Override
            public void onComplete() {
                stream.complete();
            }
        });
        stream.cancelWith(call::cancel).onTimeout(late -> show(late.getMessage()));
        // end::stream[]
        Handler handler = Objects.requireNonNull(model.handler);
        handler.onPiece("half a plan");
        handler.onError(new IOException("cut off"));
        handler.onComplete();
        assertThat(shown).containsExactly("half a plan");
        assertThat(model.cancelled).isEmpty();
        assertThat(circuits.snapshot(planner.id()).figures().failures()).isEqualTo(1);
    }

    // tag::proxy-interface[]
    interface Planner {
        String plan(String goal) throws IOException;

        CompletionStage<String> planLater(String goal);
    }
    // end::proxy-interface[]

    @Test
    void proxy() throws IOException {
        Planner target = new Planner() {
            @Override
            public String plan(String goal) {
                return "plan for " + goal;
            }

            @Override
            public CompletionStage<String> planLater(String goal) {
                return new CompletableFuture<>();
            }
        };
        // tag::proxy[]
        Planner guarded = planner.proxy(Planner.class, target);
        String plan = guarded.plan("a trip");
        // end::proxy[]
        assertThat(plan).isEqualTo("plan for a trip");
    }

    @Test
    void fallback() {
        trip("planner");
        // tag::fallback[]
        String safe = planner.withFallback(refused -> cached.plan()).call(() -> model.chat(prompt));
        // end::fallback[]
        assertThat(safe).isEqualTo("yesterday's plan");
    }

    @Test
    void asyncFallback() {
        trip("planner");
        Model otherModel = new Model();
        // tag::async-fallback[]
        CompletableFuture<String> later = planner.<String>withAsyncFallback(refused -> otherModel.chatAsync(prompt))
                .callAsync(() -> model.chatAsync(prompt));
        // end::async-fallback[]
        assertThat(later).isNotDone();
    }

    @Test
    void ownFailures() {
        // tag::own-failures[]
        FailureClassifier classifier = FailureClassifier.standard()
                .status(ModelException.class, e -> e.status)
                .result(
                        String.class,
                        text -> text.isEmpty() ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success());
        // end::own-failures[]
        assertThat(classifier
                        .ofException(new IllegalStateException(new ModelException(529, null)))
                        .kind())
                .isEqualTo(FailureKind.OVERLOADED);
        assertThat(classifier.ofResult("").kind()).isEqualTo(FailureKind.EMPTY_RESPONSE);
        assertThat(classifier.ofResult("a plan")).isEqualTo(Outcome.success());
        assertThat(classifier.ofException(new java.net.SocketTimeoutException()).kind())
                .isEqualTo(FailureKind.TIMEOUT);
    }

    // tag::classifier[]
    static final class ModelClassifier implements FailureClassifier {
        @Override
        public Outcome ofException(Throwable thrown) {
            return thrown instanceof ModelException refused
                    ? FailureClassifier.ofHttpStatus(refused.status, refused.retryAfter, Instant.now())
                    : FailureClassifier.standard().ofException(thrown);
        }

        @Override
        public Outcome ofResult(@Nullable Object result) {
            return "".equals(result) ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success();
        }
    }
    // end::classifier[]

    @Test
    void classifier() {
        // tag::with-classifier[]
        Guard strict = planner.withClassifier(new ModelClassifier());
        // end::with-classifier[]
        assertThatThrownBy(() -> strict.run(() -> {
                    throw new ModelException(429, "7");
                }))
                .isInstanceOf(ModelException.class);
        assertThat(circuits.snapshot(planner.id()).retryAfter())
                .isBetween(Duration.ofSeconds(7), Duration.ofMillis(8_400));
    }

    @Test
    void composition() {
        // tag::composition[]
        Guard researcher = circuits.guard("researcher").dependingOn("model:kimi-k2", "tool:search", "key:moonshot-1");
        // end::composition[]
        try (Permit permit = researcher.acquire()) {
            // tag::concerning[]
            permit.settle(Outcome.failure(FailureKind.TIMEOUT).attributedTo("tool:search"));
            // end::concerning[]
        }
        assertThat(circuits.snapshot(CircuitId.of("tool:search")).figures().failures())
                .isEqualTo(1);
        assertThat(circuits.snapshot(CircuitId.of("researcher")).figures().failures())
                .isZero();
    }

    @Test
    void nesting() {
        trip("searcher");
        Guard searcher = circuits.guard("searcher");
        assertThatThrownBy(() -> {
                    // tag::nesting[]
                    planner.call(() -> searcher.call(() -> model.chat(prompt)));
                    // end::nesting[]
                })
                .isInstanceOf(CircuitOpenException.class);
        assertThat(circuits.snapshot(planner.id()).figures().failures()).isZero();
    }

    @Test
    void policies() {
        // tag::policies[]
        var circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.recommended())
                .policy("model:*", CircuitBreakerConfig.upstream())
                .build();
        // end::policies[]
        // tag::change-policy[]
        circuits.putPolicy(
                "model:kimi-*",
                CircuitBreakerConfig.upstream().toBuilder()
                        .cooldown(Duration.ofSeconds(30))
                        .build());
        // end::change-policy[]
        assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2")).policy()).isEqualTo("model:kimi-*");
        circuits.close();
    }

    @Test
    void settings() {
        // tag::settings[]
        CircuitBreakerConfig patient = CircuitBreakerConfig.builder()
                .failureThreshold(3)
                .window(Window.ofCalls(20))
                .cooldown(Duration.ofSeconds(30))
                .cooldownMultiplier(2)
                .slowCallDuration(Duration.ofMinutes(2))
                .slowCallRateThreshold(0.5)
                .failureKind(FailureKind.MALFORMED_OUTPUT, Treatment.IGNORE)
                .build();
        // end::settings[]
        assertThat(patient.cooldownMax()).isEqualTo(Duration.ofMinutes(4));
    }

    @Test
    void override() {
        // tag::override[]
        circuits.override(
                CircuitId.of("planner"),
                ManualOverride.of(OverrideAction.HOLD_OPEN, "ada")
                        .because("provider maintenance")
                        .until(Instant.now().plus(Duration.ofHours(2))));
        // end::override[]
        assertThat(circuits.snapshot(planner.id()).hold()).isNotNull();
    }

    @Test
    void listener() {
        // tag::listener[]
        circuits.addListener(transition -> log.add(transition));
        // end::listener[]
        trip("planner");
        assertThat(log)
                .singleElement()
                .satisfies(transition ->
                        assertThat(transition.describe()).isEqualTo("planner: CLOSED -> OPEN, one LOOP is enough"));
    }

    @Test
    void testing() {
        // tag::testing[]
        var time = new ManualTimeSource();
        var circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run) // listeners hear before the call returns
                .build();
        Guard planner = circuits.guard("planner");

        planner.acquire().fail(FailureKind.LOOP); // opens at once
        time.advance(Duration.ofSeconds(60)); // the cooldown; no test needs to sleep
        planner.call(() -> "a good trial");

        assertThat(circuits.snapshot(planner.id()).state()).isEqualTo(CircuitState.HALF_OPEN);
        // end::testing[]
        circuits.close();
    }

    @Test
    void watching_and_closing() {
        List<String> log = new ArrayList<>();
        var circuits = CircuitBreakerManager.builder().executor(Runnable::run).build();
        // tag::watching[]
        circuits.addListener(
                transition -> log.add(transition.describe())); // planner: CLOSED -> OPEN, one LOOP is enough

        CircuitSnapshot snapshot = circuits.snapshot(CircuitId.of("planner"));
        log.add(snapshot.state() + ", retry after " + snapshot.retryAfter());
        circuits.snapshotsNotClosed().forEach(each -> log.add(each.id() + " is " + each.state()));
        // end::watching[]
        assertThat(log).containsExactly("CLOSED, retry after PT0S");
        // tag::recording[]
        circuits.getOrCreate("planner").recordFailure(FailureKind.LOOP);
        // end::recording[]
        assertThat(log).contains("planner: CLOSED -> OPEN, one LOOP is enough");
        // tag::closing[]
        circuits.close();
        // end::closing[]
    }

    private void trip(String agent) {
        circuits.getOrCreate(agent).recordFailure(FailureKind.LOOP);
    }

    private void use(String plan) {
        cached.used.add(plan);
    }

    private void comeBackIn(Duration wait) {
        assertThat(wait).isPositive();
    }

    private void report(IOException failed) {
        throw new AssertionError(failed);
    }

    private static final class Model {
        private int calls;

        String chat(String prompt) {
            calls++;
            return "answer to " + prompt;
        }

        String read(String prompt) throws IOException {
            if (prompt.isEmpty()) {
                throw new IOException("no prompt");
            }
            return chat(prompt);
        }

        void warmUp() {
            calls++;
        }

        CompletableFuture<String> chatAsync(String prompt) {
            calls++;
            return new CompletableFuture<>();
        }
    }

    private static final class Cache {
        private final List<String> used = new ArrayList<>();

        String plan() {
            return "yesterday's plan";
        }
    }

    @SuppressWarnings("serial")
    private static final class ModelException extends RuntimeException {
        private final int status;
        private final String retryAfter;

        ModelException(int status, String retryAfter) {
            this.status = status;
            this.retryAfter = retryAfter;
        }
    }
}
