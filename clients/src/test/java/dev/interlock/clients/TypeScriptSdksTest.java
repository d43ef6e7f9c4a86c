package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.checks.Needed;
import dev.interlock.proxy.Api;
import dev.interlock.proxy.ProxyOnManager;
import dev.interlock.proxy.RefusalRepeats;
import dev.interlock.proxy.RefusalRepeats.Asked;
import dev.interlock.proxy.RefusalRepeats.Row;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * SDKs of npm through the client in TypeScript, against a provider that behaves badly: which circuit opens, and that a
 * refused call reaches nobody. Through the proxy, at their default retries. Also the programs of the page that need an SDK, and the types as the compiler reads them.
 */
@Tag("heavy")
@Tag("thorough")
class TypeScriptSdksTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CLIENT = Language.ROOT.resolve("clients/typescript");
    private static final String MODEL = "model:m";
    private static final String KEY = "key:k";

    @TempDir
    static Path folder;

    /** What a provider does, in the words of OpenAI and in those of Anthropic. */
    private record Behaviour(String name, boolean streams, Answer openAi, Answer anthropic, List<String> opens) {
        static Behaviour of(String name, Answer answer, String... opens) {
            return new Behaviour(name, false, answer, answer, List.of(opens));
        }
    }

    private static final List<Behaviour> BEHAVIOURS = List.of(
            new Behaviour("answers", false, OpenAiAnswers.text("a plan"), AnthropicAnswers.text("a plan"), List.of()),
            Behaviour.of("answers 500", Answer.status(500), MODEL),
            Behaviour.of("answers 402", Answer.status(402), KEY),
            Behaviour.of("answers 429 with a wait", Answer.status(429).withRetryAfter(Duration.ofSeconds(7)), KEY),
            Behaviour.of("answers 400", Answer.status(400)),
            Behaviour.of("hangs up", Answer.hangUp(), MODEL),
            new Behaviour(
                    "has no quota left",
                    false,
                    OpenAiAnswers.error(429, "insufficient_quota", "no"),
                    AnthropicAnswers.error(400, "invalid_request_error", "Your credit balance is too low"),
                    List.of(KEY)),
            new Behaviour(
                    "streams",
                    true,
                    OpenAiAnswers.stream("a ", "plan"),
                    AnthropicAnswers.stream("a ", "plan"),
                    List.of()),
            new Behaviour(
                    "cuts a stream off",
                    true,
                    OpenAiAnswers.pieces("a ").thenReset(),
                    AnthropicAnswers.pieces("a ").thenReset(),
                    List.of(MODEL)),
            new Behaviour(
                    "reports an error within a stream",
                    true,
                    OpenAiAnswers.pieces("a ").thenEvent(Duration.ZERO, OpenAiAnswers.errorBody("server_error", "no")),
                    AnthropicAnswers.pieces("a ")
                            .then(Duration.ZERO, AnthropicAnswers.errorEvent("overloaded_error", "no")),
                    List.of(MODEL)));

    private static final List<String> SDKS = List.of(
            "openai-fetch", "openai-call", "anthropic-fetch", "anthropic-call", "vercel-fetch", "vercel-middleware");

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        Needed.program("node", "nodejs", "the SDKs of TypeScript");
        Needed.program("npm", "npm", "the SDKs of TypeScript");
        for (String file :
                List.of("package.json", "package-lock.json", "cases.mjs", "types.ts", "repeats.mjs", "toolbox.mjs")) {
            Files.copy(CLIENT.resolve("sdks").resolve(file), folder.resolve(file));
        }
        List<String> install = List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        Command.run(folder, Map.of(), install).orFail();
        TypeScriptPage.install(folder);
    }

    /** A process that makes the calls. */
    private static final class Cases implements AutoCloseable {
        private final Process process;
        private final Writer cases;
        private final BufferedReader answers;

        Cases() throws IOException {
            process = new ProcessBuilder("node", "cases.mjs")
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            cases = process.outputWriter();
            answers = process.inputReader();
        }

        JsonNode play(Map<String, Object> each) throws IOException, TimeoutException {
            cases.write(JSON.writeValueAsString(each) + "\n");
            cases.flush();
            JsonNode answer = JSON.readTree(Waiting.atMost(60, answers::readLine));
            assertThat(answer.path("failed").asText("")).isEmpty();
            return answer;
        }

        @Override
        public void close() throws IOException, InterruptedException {
            cases.close();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static @Nullable Cases cases;

    @AfterAll
    static void end() throws IOException, InterruptedException {
        if (cases != null) {
            cases.close();
        }
    }

    private static JsonNode play(Map<String, Object> each) throws IOException, TimeoutException {
        Cases present = cases;
        if (present == null) {
            cases = present = new Cases();
        }
        return present.play(each);
    }

    @TestFactory
    Stream<DynamicTest> sdks() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String sdk : SDKS) {
            for (Behaviour behaviour : BEHAVIOURS) {
                tests.add(DynamicTest.dynamicTest(
                        sdk + ", a provider that " + behaviour.name, () -> check(sdk, behaviour)));
            }
        }
        return tests.stream();
    }

    private static void check(String sdk, Behaviour behaviour) throws IOException, TimeoutException {
        try (FakeProvider provider = FakeProvider.start()) {
            provider.otherwise(sdk.startsWith("anthropic") ? behaviour.anthropic : behaviour.openAi);
            JsonNode came = play(Map.of(
                    "sdk",
                    sdk,
                    "answer",
                    behaviour.streams ? "stream" : "whole",
                    "url",
                    provider.uri().toString(),
                    "again",
                    true));

            JsonNode opens = JSON.valueToTree(behaviour.opens);
            assertThat(came.path("open")).as("open, of " + came).isEqualTo(opens);
            boolean isRefused = !behaviour.opens.isEmpty();
            assertThat(provider.requests()).as("requests, of " + came).hasSize(isRefused ? 1 : 2);
            if (isRefused) {
                assertThat(came.at("/second/kind").asText()).isEqualTo("DOWNSTREAM_OPEN");
                assertThat(came.at("/second/refused").asText())
                        .startsWith(behaviour.opens.get(0) + " is open")
                        .endsWith("Do not repeat this call.");
            } else if (came.at("/first/text").isTextual()) {
                assertThat(came.at("/first/text").asText()).isEqualTo("a plan");
            } else {
                assertThat(came.at("/first/kind").asText()).isEqualTo("INVALID_REQUEST");
            }
        }
    }

    @Test
    void a_model_that_hangs_opens_its_circuit() throws IOException, TimeoutException {
        for (String sdk : List.of("openai-fetch", "openai-call", "anthropic-fetch", "anthropic-call")) {
            try (FakeProvider provider = FakeProvider.start()) {
                provider.otherwise(Answer.stall());
                JsonNode came = play(Map.of(
                        "sdk", sdk, "answer", "whole", "url", provider.uri().toString(), "timeout_ms", 1_000));

                assertThat(came.path("open")).as(sdk + ": " + came).hasToString("[\"model:m\"]");
            }
        }
    }

    @Test
    void programs_of_the_page_that_need_an_sdk_print_what_the_page_says() throws IOException, InterruptedException {
        int ran = 0;
        for (TypeScriptPage program : TypeScriptPage.programs()) {
            if (program.needsNpm()) {
                ran++;
                boolean isAnthropic = program.code().contains("Anthropic");
                try (FakeProvider provider = FakeProvider.start()) {
                    provider.then(isAnthropic ? AnthropicAnswers.text("a plan") : OpenAiAnswers.text("a plan"))
                            .otherwise(Answer.status(402));
                    Path file = Files.writeString(folder.resolve("program.mjs"), program.code());
                    Map<String, String> environment = Map.of(
                            "MODEL_URL", provider.uri(isAnthropic ? "" : "/v1").toString());
                    assertThat(Command.run(folder, environment, List.of("node", file.toString()))
                                    .orFail())
                            .as(program.title())
                            .isEqualTo(program.prints());
                }
            }
        }
        assertThat(ran).isEqualTo(3);
    }

    @Test
    void the_types_hold_for_a_strict_compiler() throws IOException, InterruptedException {
        Path own = Files.createDirectory(folder.resolve("own"));
        for (String types : List.of("index.d.ts", "vercel.d.ts")) {
            Files.copy(CLIENT.resolve(types), own.resolve(types));
        }
        compile("--exactOptionalPropertyTypes", "own/index.d.ts", "own/vercel.d.ts")
                .orFail();
        compile("--skipLibCheck", "types.ts").orFail(); // those of the SDKs are not ours to check

        String wrong =
                Files.readString(folder.resolve("types.ts")).replace("onUnreachable: 'local'", "onUnreachable: 'hope'");
        Files.writeString(folder.resolve("types.ts"), wrong);
        assertThat(compile("--skipLibCheck", "types.ts").said()).contains("\"hope\"' is not assignable");
    }

    private static Command compile(String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("node_modules/.bin/tsc", "--noEmit", "--strict"));
        words.addAll(List.of("--module", "nodenext", "--target", "es2022", "--types", "node"));
        words.addAll(List.of(more));
        return Command.run(folder, Map.of(), words);
    }

    private static Asked asked(Api api, String sdk) {
        return new Asked(
                api,
                (address, key) -> Command.run(folder, Map.of(), List.of("node", "repeats.mjs", sdk, address, key))
                        .orFail());
    }

    @Test
    void a_refusal_is_repeated_as_often_as_the_page_says() throws Exception {
        Map<String, Row> rows = RefusalRepeats.of(Map.of(
                "openai, npm", asked(Api.OPENAI, "openai"),
                "@anthropic-ai/sdk", asked(Api.ANTHROPIC, "anthropic"),
                "@modelcontextprotocol/sdk", asked(Api.MCP, "mcp")));

        for (Map.Entry<String, Row> each : rows.entrySet()) {
            assertThat(each.getValue().repeats())
                    .as(each.getKey())
                    .isEqualTo(RefusalRepeats.documented(Language.ROOT, each.getKey()));
            assertThat(each.getValue().afterOpening()).as(each.getKey()).isBetween(0, 1);
        }
    }

    @Test
    void tools_of_the_MCP_SDK_are_judged_each_by_itself() throws Exception {
        Process server = new ProcessBuilder("node", "toolbox.mjs", "serve")
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String port = Waiting.atMost(60, server.inputReader()::readLine);
            try (CircuitBreakerManager circuits = CircuitBreakerManager.create(
                            CircuitBreakerConfig.builder().failureThreshold(3).build());
                    ProxyOnManager proxy = new ProxyOnManager(
                            circuits,
                            List.of(ProxyOnManager.upstream(
                                    "files", Api.MCP, URI.create("http://127.0.0.1:" + port))))) {
                JsonNode said = JSON.readTree(Command.run(
                                folder,
                                Map.of(),
                                List.of(
                                        "node",
                                        "toolbox.mjs",
                                        "call",
                                        proxy.uri("/proxy/files/mcp").toString(),
                                        ProxyOnManager.key("planner"),
                                        "broken",
                                        "broken",
                                        "broken",
                                        "broken",
                                        "search"))
                        .orFail());

                assertThat(said.path("listed")).hasToString("[\"search\",\"broken\"]");
                assertThat(said.at("/read/0/text").asText()).isEqualTo("no such page");
                assertThat(said.at("/read/3/text").asText())
                        .matches("tool:files/broken is open; retry in \\d+ s\\. Do not repeat this call\\.");
                assertThat(said.at("/read/3/refusal").asText()).isEqualTo("open");
                assertThat(said.at("/read/4/text").asText()).isEqualTo("found");
                assertThat(circuits.snapshot(CircuitId.of("tool:files")).state())
                        .isEqualTo(CircuitState.CLOSED);
                assertThat(circuits.snapshot(CircuitId.of("planner")).state()).isEqualTo(CircuitState.CLOSED);
            }
        } finally {
            server.destroyForcibly();
        }
    }
}
