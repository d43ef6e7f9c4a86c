package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Transcripts of Claude Code are calls of its model, attempt by attempt, and of its tools. */
class TranscriptReaderTest {
    private static final String SECRET = "what the person asked";

    @Test
    void a_request_begins_when_somebody_has_spoken_and_ends_with_the_answers_last_line() throws Exception {
        assertThat(calls(user(0)
                        + answer("m1", 3, "")
                        + answer("m1", 5, tool("t1", "Bash"))
                        + result("t1", 9, false)
                        + answer("m2", 12, "")
                        + user(100)
                        + answer("m3", 101, "")))
                .containsExactly(
                        "s model:claude 0+5 ok",
                        "s tool:Bash 5+4 ok",
                        "s model:claude 9+3 ok",
                        "s model:claude 100+1 ok");
    }

    @Test
    void each_attempt_that_failed_is_a_call() throws Exception {
        assertThat(calls(user(0) + failed(2, 529, 500) + failed(4, 529, 1_000) + answer("m1", 8, "")))
                .containsExactly(
                        "s model:claude 0+2 OVERLOADED", "s model:claude 2.5+1.5 OVERLOADED", "s model:claude 5+3 ok");
    }

    @Test
    void the_last_attempt_is_what_the_program_says_in_the_models_place() throws Exception {
        assertThat(calls(answer("m0", 0, "")
                        + user(10)
                        + failed(11, 529, 1_000)
                        + gaveUp(14, 529, "server_error")
                        + user(20)
                        + gaveUp(21, 429, "rate_limit")
                        + user(30)
                        + gaveUp(31, 0, "authentication_failed")))
                .containsExactly(
                        "s model:claude 0+0 ok",
                        "s model:claude 10+1 OVERLOADED",
                        "s model:claude 12+2 OVERLOADED",
                        "s model:claude 20+1 RATE_LIMITED",
                        "s model:claude 30+1 AUTHENTICATION");
    }

    @Test
    void knows_the_kind_from_a_cause_or_a_text_where_there_is_no_status() throws Exception {
        assertThat(calls(answer("m0", 0, "")
                        + error(2, "{\"cause\":{\"code\":\"ECONNRESET\"}}")
                        + error(3, "{\"cause\":{\"code\":\"FailedToOpenSocket\"}}")
                        + error(4, "{\"message\":\"Request timed out.\"}")
                        + error(5, "{\"error\":{\"error\":{\"type\":\"overloaded_error\"}}}")
                        + error(6, "{\"status\":429,\"headers\":{\"retry-after\":\"7\"}}")
                        + error(8, "{}")))
                .containsExactly(
                        "s model:claude 0+0 ok",
                        "s model:claude 0+2 CONNECTION",
                        "s model:claude 2+1 CONNECTION",
                        "s model:claude 3+1 TIMEOUT",
                        "s model:claude 4+1 OVERLOADED",
                        "s model:claude 5+1 RATE_LIMITED wait 7",
                        "s model:claude 6+2 ERROR");
    }

    @Test
    void a_tool_fails_by_its_result_and_one_that_a_person_stopped_did_not() throws Exception {
        String rejected = result("t2", 6, true)
                .replace("{\"type\":\"user\"", "{\"toolUseResult\":\"User rejected tool use\",\"type\":\"user\"");

        assertThat(calls(answer("m1", 1, tool("t1", "Read") + "," + tool("t2", "Bash") + "," + tool("t3", "Grep"))
                        + result("t1", 4, true)
                        + rejected))
                .containsExactly("s model:claude 1+0 ok", "s tool:Read 1+3 TOOL_ERROR", "s tool:Bash 1+5 CANCELLED");
    }

    @Test
    void sessions_and_subagents_have_requests_of_their_own() throws Exception {
        String other = (user(1) + answer("x", 2, "")).replace("\"sessionId\":\"s\"", "\"sessionId\":\"z\"");
        String inner =
                (user(1) + answer("y", 4, "")).replace("\"sessionId\":\"s\"", "\"sessionId\":\"s\",\"agentId\":\"7\"");

        assertThat(calls(user(0) + other + inner + answer("m", 9, "")))
                .containsExactlyInAnyOrder("s model:claude 0+9 ok", "z model:claude 1+1 ok", "s/7 model:claude 1+3 ok");
    }

    @Test
    void a_replay_says_what_it_left_out() {
        Recorded recorded = Recorded.text("{\"type\":\"summary\",\"summary\":\"" + SECRET + "\"}\n" + user(0)
                + answer("m", 1, tool("t", "Bash")) + "{\"type\":\"file-history-snapshot\"}\n");

        String report = recorded.run(By.BOTH, false, true);
        assertThat(recorded.complaints()).isEmpty();
        assertThat(report)
                .contains("left out: 2 lines that are no calls, 1 tool call without a result\n")
                .contains("model:claude")
                .doesNotContain(SECRET);
    }

    @Test
    void names_of_a_bad_line_its_number_and_nothing_that_people_wrote() {
        Recorded recorded = Recorded.text(user(0)
                + "{\"type\":\"user\",\"message\":\"" + SECRET + "\n"
                + answer("m", 1, "").replace("1970-01-01T00:00:01.000Z", "yesterday")
                + answer("m", 2, ""));

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(1);
        assertThat(recorded.complaints())
                .doesNotContain(SECRET)
                .startsWith("(standard input):2: the line is no JSON from column ")
                .contains("(standard input):3: timestamp = 'yesterday': must be ")
                .endsWith("2 of 3 rows were bad and left out\n");
    }

    private static List<String> calls(String transcript) throws IOException {
        Lines lines = new Lines(new ByteArrayInputStream(transcript.getBytes(StandardCharsets.UTF_8)));
        assertThat(lines.next()).isTrue();
        TranscriptReader reader = new TranscriptReader(lines, By.BOTH, new Names());
        List<String> calls = new ArrayList<>();
        try {
            while (reader.next()) {
                Call call = java.util.Objects.requireNonNull(reader.call());
                calls.add(String.format(
                        Locale.ROOT,
                        "%s %s %s+%s %s%s",
                        call.agent(),
                        call.target(),
                        seconds(call.time()),
                        seconds(call.duration()),
                        call.kind() == null ? "ok" : call.kind(),
                        call.retryAfter() > 0 ? " wait " + seconds(call.retryAfter()) : ""));
            }
        } catch (BadRowException bad) {
            throw new AssertionError(bad.getMessage(), bad);
        }
        return calls;
    }

    private static String seconds(long nanos) {
        return java.math.BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
    }

    private static String user(int second) {
        return line("user", second, "\"message\":{\"role\":\"user\",\"content\":\"" + SECRET + "\"}");
    }

    private static String result(String tool, int second, boolean failed) {
        return line(
                "user",
                second,
                "\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" + tool
                        + "\",\"content\":\"" + SECRET + "\",\"is_error\":" + failed + "}]}");
    }

    private static String answer(String id, int second, String content) {
        return line(
                "assistant",
                second,
                "\"message\":{\"id\":\"" + id + "\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[" + content
                        + "],\"stop_reason\":null}");
    }

    private static String tool(String id, String name) {
        return "{\"type\":\"tool_use\",\"id\":\"" + id + "\",\"name\":\"" + name + "\",\"input\":{\"text\":\"" + SECRET
                + "\"}}";
    }

    private static String failed(int second, int status, int retryInMs) {
        return line(
                "system",
                second,
                "\"subtype\":\"api_error\",\"level\":\"error\",\"error\":{\"status\":" + status
                        + ",\"headers\":{}},\"retryInMs\":" + retryInMs + ",\"retryAttempt\":1,\"maxRetries\":10");
    }

    private static String error(int second, String error) {
        return line("system", second, "\"subtype\":\"api_error\",\"error\":" + error);
    }

    private static String gaveUp(int second, int status, String error) {
        return line(
                "assistant",
                second,
                "\"isApiErrorMessage\":true," + (status > 0 ? "\"apiErrorStatus\":" + status + "," : "")
                        + "\"error\":\""
                        + error
                        + "\",\"message\":{\"id\":\"e\",\"model\":\"<synthetic>\",\"content\":[{\"type\":\"text\","
                        + "\"text\":\"API Error\"}]}");
    }

    private static String line(String type, int second, String more) {
        return String.format(
                Locale.ROOT,
                "{\"type\":\"%s\",\"sessionId\":\"s\",\"timestamp\":\"1970-01-01T00:%02d:%02d.000Z\",%s}%n",
                type,
                second / 60,
                second % 60,
                more);
    }
}
