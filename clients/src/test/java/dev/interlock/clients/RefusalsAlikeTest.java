package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.RefusalMessage;
import dev.interlock.langchain4j.GuardedTools;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.service.tool.ToolExecutor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A refusal says the same in every way in, and is written so that a model stops: a scripted agent repeats whatever it
 * called up to 395 times, as one was once seen to do, until it reads that it must not.
 */
@Tag("heavy")
class RefusalsAlikeTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST = 395;
    private static final String SENTENCE =
            "tool:search is open.*; retry in \\d+ s\\. Instead: tool:other\\. Do not repeat this call\\.";

    private static final String PYTHON = """
            import interlock, json, sys
            client = interlock.connect(sys.argv[1], sys.argv[2], timeout=20)
            guard = client.guard("planner", depends_on=["tool:search"], alternatives=["tool:other"])
            calls = 0
            while calls < 395:
                calls += 1
                try:
                    guard.call(lambda: "found")
                    read = "found"
                except interlock.CircuitOpen as refused:
                    read = str(refused)
                    said = refused
                if read.endswith("Do not repeat this call."):
                    break
            print(json.dumps({"calls": calls, "reason": said.reason, "retry_after": said.retry_after,
                              "alternatives": said.alternatives, "message": str(said)}))
            """;

    private static final String TYPESCRIPT = """
            const { Interlock } = await import(process.argv[4]);
            const interlock = new Interlock({ url: process.argv[2], key: process.argv[3], timeoutMs: 20_000 });
            const guard = interlock.guard('planner', { dependsOn: ['tool:search'], alternatives: ['tool:other'] });
            let calls = 0;
            let said;
            while (calls < 395) {
              calls += 1;
              const read = await guard.call(async () => 'found').catch((refused) => { said = refused; return refused.message; });
              if (read.endsWith('Do not repeat this call.')) break;
            }
            console.log(JSON.stringify({ calls, reason: said.reason, retry_after: said.retryAfterMs / 1_000,
              alternatives: said.alternatives, message: said.message }));
            """;

    @TempDir
    static Path folder;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static FakeProvider provider;
    private static RealServer server;
    private static String key;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        provider = FakeProvider.start();
        provider.otherwise(Answer.json(400, "{\"error\":\"The search is busy, please try again\"}"));
        String upstream = "{name: %s, api: other, url: '" + provider.uri()
                + "', organizations: [default], agents: [planner], paths: [/find], alternatives: ['tool:other']}";
        server = RealServer.start(
                folder,
                "--proxy-upstreams",
                "[" + upstream.formatted("search") + ", " + upstream.formatted("busy") + "]");
        key = server.call("POST", "/api/v1/keys", Map.of("name", "planner", "role", "agent"))
                .path("key")
                .asText();
        server.call("POST", "/api/v1/circuits/tool:search/action", Map.of("action", "open"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        provider.close();
    }

    private interface Attempt {
        /** What the model reads of it. */
        String made() throws IOException, InterruptedException;
    }

    private static int calls(Attempt attempt) throws IOException, InterruptedException {
        for (int calls = 1; calls < MOST; calls++) {
            if (attempt.made().endsWith("Do not repeat this call.")) {
                return calls;
            }
        }
        return MOST;
    }

    private static void check(JsonNode said) {
        assertThat(said.path("reason").asText()).isEqualTo("open");
        assertThat(said.path("retry_after").asDouble()).isGreaterThan(0).isLessThanOrEqualTo(61);
        assertThat(said.path("alternatives")).hasToString("[\"tool:other\"]");
        assertThat(said.path("message").asText()).matches(SENTENCE);
    }

    private static JsonNode post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Authorization", "Bearer " + key)
                .header("interlock-agent", "planner")
                .POST(BodyPublishers.ofString(body))
                .build();
        return JSON.readTree(HTTP.send(request, BodyHandlers.ofString()).body());
    }

    @Test
    void the_agent_repeats_what_only_says_that_it_failed() throws IOException, InterruptedException {
        provider.forget();

        assertThat(calls(() -> post("/proxy/busy/find", "{}").path("error").asText()))
                .isEqualTo(MOST);
        assertThat(provider.requests()).hasSize(MOST - 1);
    }

    @Test
    void over_REST() throws IOException, InterruptedException {
        String body = "{\"depends_on\":[\"tool:search\"],\"alternatives\":[\"tool:other\",\"tool:search\"]}";

        assertThat(calls(() -> post("/api/v1/circuits/planner/permits", body)
                        .path("detail")
                        .asText()))
                .isEqualTo(1);
        ObjectNode said = (ObjectNode) post("/api/v1/circuits/planner/permits", body);
        check(said.set("message", said.path("detail")));
    }

    @Test
    void through_the_proxy() throws IOException, InterruptedException {
        provider.forget();

        assertThat(calls(() ->
                        post("/proxy/search/find", "{}").at("/error/message").asText()))
                .isEqualTo(1);
        check(post("/proxy/search/find", "{}").path("error"));
        assertThat(provider.requests()).isEmpty();
    }

    static final class Search {
        @Tool
        String search(String words) {
            return words;
        }
    }

    @Test
    void of_a_guarded_tool_of_LangChain4j() throws IOException, InterruptedException {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            circuits.getOrCreate(CircuitId.of("tool:search")).override(ManualOverride.of(OverrideAction.OPEN, "ada"));
            Guard planner = circuits.guard("planner").withAlternatives("tool:other", "tool:search");
            ToolExecutor tool =
                    GuardedTools.of(planner, new Search()).values().iterator().next();
            ToolExecutionRequest request = ToolExecutionRequest.builder()
                    .name("search")
                    .arguments("{}")
                    .build();

            assertThat(calls(() -> tool.execute(request, "memory"))).isEqualTo(1);
            Guard guard = planner.dependingOn("tool:search");
            assertThatThrownBy(() -> guard.call(() -> "found"))
                    .isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
                        RefusalMessage message = guard.message(refused);
                        check(JSON.valueToTree(Map.of(
                                "reason", message.reason(),
                                "retry_after", message.retryAfterSeconds(),
                                "alternatives", message.alternatives(),
                                "message", message.sentence())));
                        assertThat(tool.execute(request, "memory"))
                                .matches("The tool search is not available: " + SENTENCE);
                    });
        }
    }

    @Test
    void of_the_client_in_Python() throws IOException {
        Language.PYTHON.assumeItIsHere();

        JsonNode said =
                last(Script.run(Language.ROOT.resolve("clients/python"), "python3", "-c", PYTHON, address(), key));

        assertThat(said.path("calls").asInt()).isEqualTo(1);
        check(said);
    }

    @Test
    void of_the_client_in_TypeScript() throws IOException {
        Language.TYPESCRIPT.assumeItIsHere();

        String module =
                Language.ROOT.resolve("clients/typescript/index.js").toUri().toString();
        JsonNode said =
                last(Script.run(folder, "node", "--input-type=module", "-e", TYPESCRIPT, "-", address(), key, module));

        assertThat(said.path("calls").asInt()).isEqualTo(1);
        check(said);
    }

    private static String address() {
        return "http://127.0.0.1:" + server.port();
    }

    private static JsonNode last(String said) throws IOException {
        List<String> lines = said.lines().toList();
        return JSON.readTree(lines.get(lines.size() - 1));
    }
}
