package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three layers around one call: a guard of the client in TypeScript, the proxy, and a span of the SDK. The call counts once,
 * and a circuit that has opened recovers through all of them.
 */
@Tag("heavy")
class LayersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MODEL = "model:gpt-5";

    /** Makes calls by a guarded fetch; after each it sends the span that an SDK would have made of it. */
    private static final String PROGRAM = """
            const { Interlock } = await import(process.argv[4]);
            const [, , url, key, , calls, wait] = process.argv;
            const interlock = new Interlock({ url, key, timeoutMs: 20_000 });
            const guard = interlock.guard('planner', { dependsOn: ['model:gpt-5'] });
            const guarded = guard.wrapFetch(fetch, { proxies: [url] });
            await new Promise((resolve) => setTimeout(resolve, Number(wait)));
            const statuses = [];
            const hex = (length) => Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join('');
            for (let i = 0; i < Number(calls); i++) {
              const began = BigInt(Date.now()) * 1_000_000n;
              const answer = await guarded(`${url}/proxy/openai/v1/chat/completions`, {
                method: 'POST',
                headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
                body: '{"model":"gpt-5","messages":[]}',
              });
              await answer.text();
              statuses.push(answer.status);
              if (answer.headers.get('interlock-refused') !== null) continue;
              const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5',
                'server.address': new URL(url).hostname };
              const span = { traceId: hex(32), spanId: hex(16), name: 'chat gpt-5', kind: 3,
                startTimeUnixNano: String(began), endTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
                status: answer.ok ? {} : { code: 2, message: String(answer.status) },
                attributes: [...Object.entries(attributes).map(([name, text]) => ({ key: name, value: { stringValue: text } })),
                  { key: 'server.port', value: { intValue: new URL(url).port } },
                  ...(answer.ok ? [] : [{ key: 'error.type', value: { stringValue: String(answer.status) } }])] };
              const sent = await fetch(`${url}/v1/traces`, {
                method: 'POST',
                headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
                body: JSON.stringify({ resourceSpans: [{
                  resource: { attributes: [{ key: 'interlock.agent', value: { stringValue: 'planner' } }] },
                  scopeSpans: [{ spans: [span] }] }] }),
              });
              if (sent.status !== 200) throw new Error(`spans: ${sent.status} ${await sent.text()}`);
            }
            await interlock.flush(20_000);
            console.log(JSON.stringify(statuses));
            """;

    @TempDir
    static Path folder;

    private static FakeProvider provider;
    private static RealServer server;
    private static String key;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Language.TYPESCRIPT.assumeItIsHere();
        provider = FakeProvider.start();
        server = RealServer.start(
                folder,
                "--proxy-upstreams",
                "[{name: openai, api: openai, url: '" + provider.uri()
                        + "', organizations: [default], agents: [planner], models: ['gpt-*']}]");
        key = server.call("POST", "/api/v1/keys", Map.of("name", "planner", "role", "agent", "agents", "planner"))
                .path("key")
                .asText();
        server.call(
                "PUT",
                "/api/v1/policies/model:*",
                Map.of("failure_threshold", 4, "min_callers", 1, "cooldown", "1s", "trials_at_once", 1));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.close();
            provider.close();
        }
    }

    private static List<Integer> statuses(int calls, int waitMillis) throws IOException {
        String module =
                Language.ROOT.resolve("clients/typescript/index.js").toUri().toString();
        String said = Script.run(
                folder,
                "node",
                "--input-type=module",
                "-e",
                PROGRAM,
                "-",
                "http://127.0.0.1:" + server.port(),
                key,
                module,
                Integer.toString(calls),
                Integer.toString(waitMillis));
        List<String> lines = said.lines().toList();
        return JSON.readerForListOf(Integer.class).readValue(lines.get(lines.size() - 1));
    }

    @Test
    void a_call_counts_once_and_the_circuit_recovers() throws IOException, InterruptedException {
        provider.otherwise(Answer.json(500, "{\"error\":{\"type\":\"server_error\",\"message\":\"Oops\"}}"));

        assertThat(statuses(3, 0)).containsExactly(500, 500, 500);

        JsonNode model = server.circuit(MODEL);
        assertThat(model.path("state").asText()).as(model.toString()).isEqualTo("closed");
        assertThat(model.path("failure_count").asInt()).isEqualTo(3);
        assertThat(server.circuit("planner").path("failure_count").asInt()).isZero();

        assertThat(statuses(2, 0)).as("the fourth opens it").startsWith(500).doesNotContain(200);
        assertThat(server.circuit(MODEL).path("state").asText()).isEqualTo("open");
        assertThat(provider.requests()).hasSize(4);

        provider.otherwise(OpenAiAnswers.text("a plan"));
        assertThat(statuses(3, 2_500)).containsExactly(200, 200, 200);

        assertThat(server.circuit(MODEL).path("state").asText()).isEqualTo("closed");
        assertThat(server.circuit("planner").path("failure_count").asInt()).isZero();
        assertThat(provider.requests())
                .as("no permit and no header of ours reaches a provider")
                .allSatisfy(each -> assertThat(each.headers().keySet())
                        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("interlock-")));
    }
}
