package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.settings.PolicySettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Core's scenarios, played by calls through the proxy: its upstream answers with the status that stands for an outcome, and
 * the circuit of the scenario is that of the upstream. The clock of the circuits is driven by hand.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenariosThroughTheProxyTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER =
            Path.of(System.getProperty("interlock.root", "..")).resolve("core/src/test/resources/scenarios");

    /** Those that cannot be played through a proxy, and why. */
    private static final Map<String, String> NOT_HERE = Map.of(
            "an-open-circuit-refuses-inner-calls.json",
            "a call within another needs a permit that the caller itself holds: ProxyLayersTest",
            "call-within-a-trial.json",
            "a call within another needs a permit that the caller itself holds: ProxyLayersTest",
            "outcome-without-permit.json",
            "every call through the proxy has a permit",
            "all-overrides.json",
            "it records outcomes without a permit, too",
            "an-upstream-by-all-words.json",
            "it has a lost connection that bears a wait, which no answer stands for, and calls within calls",
            "answered-not-for-an-agent.json",
            "what an upstream answers is the upstream's: the circuit of the scenario is an agent's");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Answers that the upstream owes, by the name of their call. */
    private final Map<String, HttpServerResponse> owed = new ConcurrentHashMap<>();

    private HttpServer upstream;

    @BeforeAll
    void start() throws Exception {
        upstream = vertx.createHttpServer()
                .requestHandler(request -> {
                    String ref = request.getHeader("x-ref");
                    if (ref != null) {
                        owed.put(ref, request.response());
                    } else {
                        answer(request.response(), request.getHeader("x-answer"), request.getHeader("x-wait"));
                    }
                })
                .listen(0, "127.0.0.1")
                .await(30, TimeUnit.SECONDS);
    }

    @AfterAll
    void stop() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private static void answer(HttpServerResponse response, String status, @Nullable String wait) {
        response.setStatusCode(Integer.parseInt(status));
        if (wait != null) {
            response.putHeader("retry-after-ms", wait);
        }
        response.end("{}");
    }

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(FOLDER)) {
            files = all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        List<String> names =
                files.stream().map(file -> file.getFileName().toString()).toList();
        assertThat(names).as("each of the list is there").containsAll(NOT_HERE.keySet());
        return files.stream()
                .filter(file -> !NOT_HERE.containsKey(file.getFileName().toString()))
                .map(file -> DynamicTest.dynamicTest(
                        file.getFileName().toString(), () -> play(JSON.readTree(file.toFile()))));
    }

    private void play(JsonNode scenario) throws Exception {
        ManualTimeSource time = new ManualTimeSource();
        Map<String, Object> settings = JSON.convertValue(scenario.path("policy"), new TypeReference<>() {});
        CircuitBreakerConfig policy = PolicySettings.read(settings);
        CircuitBreakerConfig agents = CircuitBreakerConfig.builder()
                .failureThreshold(null)
                .failureRateThreshold(null)
                .build();
        try (CircuitBreakerManager manager = CircuitBreakerManager.builder()
                        .time(time)
                        .executor(Runnable::run)
                        .defaults(agents)
                        .policy("tool:*", policy)
                        .build();
                ProxyOnManager proxy = new ProxyOnManager(
                        manager,
                        List.of(ProxyOnManager.upstream(
                                "svc", Api.OTHER, URI.create("http://127.0.0.1:" + upstream.actualPort()))))) {
            new Run(time, manager, proxy).play(scenario);
        }
    }

    /** One scenario. */
    private final class Run {
        private final ManualTimeSource time;
        private final CircuitBreaker circuit;
        private final ProxyOnManager proxy;
        private final Map<String, CompletableFuture<HttpResponse<String>>> running = new HashMap<>();

        Run(ManualTimeSource time, CircuitBreakerManager manager, ProxyOnManager proxy) {
            this.time = time;
            this.circuit = manager.getOrCreate(CircuitId.of("tool:svc"));
            this.proxy = proxy;
        }

        void play(JsonNode scenario) throws Exception {
            int number = 0;
            for (JsonNode step : scenario.path("steps")) {
                number++;
                time.advance(Duration.ofMillis(step.path("at_ms").asLong()).minusNanos(time.ticks()));
                for (int i = 0; i < step.path("repeat").asInt(1); i++) {
                    play(step, "step " + number + " " + step);
                }
                expect(step, "step " + number + " " + step);
            }
        }

        private void play(JsonNode step, String where) throws Exception {
            String verb = step.path("do").asText();
            switch (verb) {
                case "call" -> judge(step, where, client.send(request(step, null), BodyHandlers.ofString()));
                case "begin" -> begin(step, where);
                case "end" -> end(step);
                case "read" -> circuit.snapshot();
                default ->
                    circuit.override(
                            ManualOverride.of(OverrideAction.valueOf(verb.toUpperCase(Locale.ROOT)), "scenario"));
            }
        }

        private void begin(JsonNode step, String where) throws Exception {
            String ref = step.path("ref").asText();
            CompletableFuture<HttpResponse<String>> answer =
                    client.sendAsync(request(step, ref), BodyHandlers.ofString());
            await().atMost(Duration.ofSeconds(30)).until(() -> owed.containsKey(ref) || answer.isDone());
            if (answer.isDone()) {
                judge(step, where, answer.get());
            } else {
                running.put(ref, answer);
                assertThat(step.path("expect").path("admitted").asBoolean(true))
                        .as(where)
                        .isTrue();
            }
        }

        private void end(JsonNode step) throws Exception {
            String ref = step.path("ref").asText();
            HttpServerResponse response = owed.remove(ref);
            vertx.runOnContext(now -> answer(response, status(step), wait(step)));
            running.remove(ref).get(30, TimeUnit.SECONDS);
        }

        private HttpRequest request(JsonNode step, @Nullable String ref) {
            HttpRequest.Builder request = HttpRequest.newBuilder(proxy.uri("/proxy/svc/do"))
                    .header(
                            "Authorization",
                            "Bearer " + ProxyOnManager.key(step.path("caller").asText("agent")))
                    .POST(BodyPublishers.ofString("{}"));
            if (ref != null) {
                request.header("x-ref", ref);
            } else {
                request.header("x-answer", status(step));
            }
            String wait = wait(step);
            return wait == null
                    ? request.build()
                    : request.header("x-wait", wait).build();
        }

        /** Whole seconds, rounded up, are what a refusal says. */
        private void judge(JsonNode step, String where, HttpResponse<String> answer) {
            JsonNode expect = step.path("expect");
            boolean refused = answer.headers().firstValue("interlock-refused").isPresent();
            if (expect.has("admitted")) {
                assertThat(!refused).as(where).isEqualTo(expect.path("admitted").asBoolean());
            }
            if (expect.has("retry_after_ms")) {
                long seconds = Math.max(1, (expect.path("retry_after_ms").asLong() + 999) / 1_000);
                assertThat(answer.headers().firstValue("retry-after")).as(where).contains(Long.toString(seconds));
            }
        }

        private void expect(JsonNode step, String where) {
            JsonNode expect = step.path("expect");
            if (expect.has("state")) {
                assertThat(circuit.state().name().toLowerCase(Locale.ROOT))
                        .as(where)
                        .isEqualTo(expect.path("state").asText());
            }
            if (expect.has("transitions")) {
                assertThat(circuit.snapshot().openings())
                        .as(where)
                        .isEqualTo(expect.path("transitions").asInt());
            }
        }

        /** The status that stands for an outcome. */
        private String status(JsonNode step) {
            return switch (step.path("outcome").asText()) {
                case "success" -> "200";
                case "ignored" -> "499";
                default ->
                    switch (step.path("kind").asText("ERROR")) {
                        case "INVALID_REQUEST" -> "400";
                        case "QUOTA_EXHAUSTED" -> "402";
                        case "RATE_LIMITED" -> "429";
                        case "ERROR" -> "500";
                        default -> throw new IllegalArgumentException("No status stands for " + step);
                    };
            };
        }

        private @Nullable String wait(JsonNode step) {
            return step.has("failure_retry_after_ms")
                    ? step.path("failure_retry_after_ms").asText()
                    : null;
        }
    }
}
