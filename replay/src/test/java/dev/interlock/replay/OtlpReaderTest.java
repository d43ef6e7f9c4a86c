package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spans of many libraries, as a collector writes them to a file, are calls of whom they say. */
class OtlpReaderTest {
    private static final String PROMPT = "what the person asked";

    @Test
    void takes_calls_of_models_and_tools_by_target() {
        Recorded recorded = Recorded.text(line(
                span("t", "1", "", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span("t", "2", "", 2, 1, "gen_ai.operation.name=execute_tool", "gen_ai.tool.name=search"),
                span("t", "3", "", 4, 1, "gen_ai.operation.name=chat", "gen_ai.response.model=r"),
                span("t", "4", "", 5, 1, "http.request.method=GET")));

        assertThat(circuits(recorded.by(By.TARGET)))
                .containsExactlyInAnyOrder("model:m 1", "tool:search 1", "model:r 1");
        assertThat(recorded.complaints()).isEmpty();
        assertThat(recorded.run(By.TARGET, false, false)).contains("left out: 1 span that is no call\n");
    }

    /** Columns: what a library writes, and the circuit. */
    @ParameterizedTest
    @CsvSource({
        "gen_ai.operation.name=generate_content;gen_ai.request.model=m, model:m",
        "gen_ai.operation.name=call_llm;gen_ai.request.model=m, model:m",
        "openinference.span.kind=LLM;llm.model_name=m, model:m",
        "ai.operationId=ai.generateText.doGenerate;ai.model.id=m, model:m",
        "ai.operationId=ai.toolCall;ai.toolCall.name=t, tool:t",
        "mcp.method.name=tools/call;gen_ai.tool.name=t, tool:t",
        "spring.ai.tool.definition.name=t, tool:t",
        "openinference.span.kind=TOOL;tool.name=t, tool:t"
    })
    void knows_the_names_that_libraries_use(String attributes, String circuit) {
        Recorded recorded = Recorded.text(line(span("t", "1", "", 0, 1, attributes.split(";"))));

        assertThat(circuits(recorded.by(By.TARGET))).containsExactly(circuit + " 1");
    }

    /** Columns: what is noted of the failure, whether of a tool, and the kind. */
    @ParameterizedTest
    @CsvSource({
        "error.type=429, RATE_LIMITED",
        "error.type=openai.RateLimitError, RATE_LIMITED",
        "error.type=insufficient_quota, QUOTA_EXHAUSTED",
        "error.type=overloaded_error, OVERLOADED",
        "error.type=anthropic.APITimeoutError, TIMEOUT",
        "error.type=java.net.http.HttpConnectTimeoutException, TIMEOUT",
        "error.type=httpx.ConnectError, CONNECTION",
        "error.type=anthropic.AuthenticationError, AUTHENTICATION",
        "error.type=asyncio.CancelledError, CANCELLED",
        "error.type=_OTHER;http.response.status_code=503, OVERLOADED",
        "error.type=500, SERVER_ERROR",
        "error.type=ValueError, ERROR",
        "gen_ai.response.finish_reasons=content_filter, CONTENT_FILTERED",
        "gen_ai.usage.output_tokens=0, EMPTY_RESPONSE",
        "gen_ai.usage.output_tokens=7, "
    })
    void says_how_a_call_failed(String attributes, String kind) throws Exception {
        String all = "gen_ai.operation.name=chat;gen_ai.request.model=m;" + attributes;
        Call call = only(span("t", "1", "", 0, 1, all.split(";")));

        assertThat(call.kind() == null ? null : call.kind().name()).isEqualTo(kind);
        assertThat(call.ok()).isEqualTo(kind == null || kind.equals("CANCELLED"));
    }

    @Test
    void takes_a_status_and_an_exception_where_no_type_is_given() throws Exception {
        String chat = span("t", "1", "", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m");
        String tool = span("t", "1", "", 0, 1, "gen_ai.operation.name=execute_tool", "gen_ai.tool.name=t");

        assertThat(only(with(chat, "\"status\":{\"code\":2,\"message\":\"Error code: 529 - overloaded\"}"))
                        .kind())
                .hasToString("OVERLOADED");
        assertThat(only(with(chat, "\"status\":{\"code\":\"STATUS_CODE_ERROR\"}"))
                        .kind())
                .hasToString("ERROR");
        assertThat(only(with(tool, "\"status\":{\"code\":2}")).kind()).hasToString("TOOL_ERROR");
        assertThat(only(with(chat, "\"status\":{\"code\":1}")).kind()).isNull();
        assertThat(only(with(
                                chat,
                                "\"events\":[{\"name\":\"exception\",\"attributes\":[{\"key\":\"exception.type\",\"value\":"
                                        + "{\"stringValue\":\"ReadTimeout\"}}]}]"))
                        .kind())
                .hasToString("TIMEOUT");
    }

    @Test
    void takes_the_nearest_agent_around_a_call_even_if_it_comes_in_a_later_line() {
        String chat = line(
                span("t", "3", "2", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span("t", "9", "", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span("u", "3", "2", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"));
        String agents = line(
                span("t", "2", "1", 0, 2, "gen_ai.operation.name=invoke_agent", "gen_ai.agent.name=inner"),
                span("t", "1", "", 0, 600, "gen_ai.operation.name=invoke_agent", "gen_ai.agent.name=outer"));

        assertThat(circuits(Recorded.text(chat + agents).by(By.AGENT)))
                .as("by span, by trace, by service")
                .containsExactlyInAnyOrder("inner 2", "service 1");
    }

    @Test
    void counts_a_call_once_that_a_framework_and_a_client_both_noted() {
        Recorded recorded = Recorded.text(line(
                span("t", "3", "2", 1, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span("t", "2", "1", 1, 2, "code.function=wrap"),
                span("t", "1", "0", 0, 4, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span("t", "0", "", 0, 9, "gen_ai.operation.name=invoke_agent", "gen_ai.agent.name=a")));

        assertThat(circuits(recorded.by(By.BOTH))).containsExactlyInAnyOrder("a 1", "model:m 1");
        assertThat(recorded.run(By.BOTH, false, false)).contains("1 span around a call of its own");
    }

    @Test
    void a_tool_that_is_an_agent_is_a_call_in_addition_to_those_of_its_model() {
        Recorded recorded = Recorded.text(line(
                span("t", "3", "2", 1, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span("t", "2", "1", 1, 2, "gen_ai.operation.name=execute_tool", "gen_ai.tool.name=ask"),
                span("t", "1", "", 0, 4, "gen_ai.operation.name=chat", "gen_ai.request.model=n")));

        assertThat(circuits(recorded.by(By.TARGET))).containsExactlyInAnyOrder("model:m 1", "model:n 1", "tool:ask 1");
    }

    @Test
    void leaves_out_what_a_guard_counted_and_what_has_no_name() {
        Recorded recorded = Recorded.text(line(
                span("t", "1", "", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"),
                span(
                        "t",
                        "2",
                        "",
                        1,
                        1,
                        "gen_ai.operation.name=chat",
                        "gen_ai.request.model=m",
                        "interlock.guarded=true"),
                span("t", "3", "", 2, 1, "gen_ai.operation.name=chat")));

        assertThat(circuits(recorded.by(By.TARGET))).containsExactly("model:m 1");
        assertThat(recorded.run(By.TARGET, false, false)).contains("left out: 1 guarded, 1 call without a name\n");
    }

    @Test
    void keeps_times_to_the_nanosecond() throws Exception {
        String span = span("t", "1", "", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m")
                .replace("\"startTimeUnixNano\":\"0\"", "\"startTimeUnixNano\":\"1767603600123456789\"")
                .replace("\"endTimeUnixNano\":\"1000000000\"", "\"endTimeUnixNano\":\"1767603600123456799\"");

        assertThat(only(span).time()).isEqualTo(1_767_603_600_123_456_789L);
        assertThat(only(span).duration()).isEqualTo(10);
    }

    @Test
    void a_long_call_may_end_after_many_that_began_later() {
        Recorded recorded =
                Recorded.text(line(span("t", "1", "", 1_000, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"))
                        + line(span("t", "2", "", 0, 1_800, "gen_ai.operation.name=chat", "gen_ai.request.model=m")));

        assertThat(recorded.by(By.TARGET).get("calls").asInt()).isEqualTo(2);
        assertThat(recorded.complaints()).isEmpty();
    }

    @Test
    void names_of_a_bad_line_its_number_and_nothing_that_people_wrote() {
        Recorded recorded =
                Recorded.text(line(span("t", "1", "", 0, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m"))
                        + "{\"resourceSpans\":[{\"prompt\":\"" + PROMPT + "\n"
                        + "[\"" + PROMPT + "\"]\n"
                        + line(span("t", "2", "", 5, -2, "gen_ai.operation.name=chat", "gen_ai.request.model=m"))
                        + line(span("t", "3", "", 7, 1, "gen_ai.operation.name=chat", "gen_ai.request.model=m")
                                .replace("startTimeUnixNano\":\"", "startTimeUnixNano\":\"x")));

        assertThat(recorded.by(By.TARGET).get("calls").asInt()).isEqualTo(1);
        assertThat(recorded.complaints())
                .doesNotContain(PROMPT)
                .contains("(standard input):2: the line is no JSON from column ")
                .contains("(standard input):3: the line is no object: must be a JSON object\n")
                .contains("(standard input):4: endTimeUnixNano = '3000000000': must be not before startTimeUnixNano,"
                        + " 5000000000\n")
                .contains("(standard input):5: startTimeUnixNano = 'x7000000000': must be nanoseconds since 1970");
    }

    private static Call only(String span) throws Exception {
        Lines lines = new Lines(
                new java.io.ByteArrayInputStream(line(span).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        assertThat(lines.next()).isTrue();
        OtlpReader reader = new OtlpReader(lines, By.BOTH, new Names(), false);
        assertThat(reader.next()).isTrue();
        return java.util.Objects.requireNonNull(reader.call());
    }

    private static List<String> circuits(JsonNode policy) {
        List<String> circuits = new ArrayList<>();
        policy.get("by_circuit")
                .forEach(each -> circuits.add(
                        each.get("circuit").asText() + " " + each.get("calls").asInt()));
        return circuits;
    }

    private static String line(String... spans) {
        return "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":"
                + "\"service\"}}]},\"scopeSpans\":[{\"scope\":{},\"spans\":[" + String.join(",", spans) + "]}]}]}\n";
    }

    private static String with(String span, String more) {
        return span.substring(0, span.length() - 1) + "," + more + "}";
    }

    private static String span(
            String trace, String id, String parent, long second, long seconds, String... attributes) {
        StringBuilder span = new StringBuilder(String.format(
                Locale.ROOT,
                "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"name\":\"call\",\"startTimeUnixNano\":\"%d\","
                        + "\"endTimeUnixNano\":\"%d\",\"attributes\":[{\"key\":\"gen_ai.input.messages\",\"value\":"
                        + "{\"stringValue\":\"%s\"}}",
                trace,
                id,
                parent,
                second * 1_000_000_000,
                (second + seconds) * 1_000_000_000,
                PROMPT));
        for (String attribute : attributes) {
            String[] pair = attribute.split("=", 2);
            String type = pair[1].matches("\\d+") ? "intValue" : "stringValue";
            span.append(
                    String.format(Locale.ROOT, ",{\"key\":\"%s\",\"value\":{\"%s\":\"%s\"}}", pair[0], type, pair[1]));
        }
        return span.append("]}").toString();
    }
}
