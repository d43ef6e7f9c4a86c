package dev.interlock.monitor;

import dev.interlock.checks.Fuzzed;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Batches of the agent log, and texts that are redacted: none breaks what reads them. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "log-batch",
            new Fuzzed(
                    ParsersFuzzTest::batch,
                    "{\"logs\":[{\"agent_id\":\"planner\",\"action_type\":\"llm_inference\",\"status\":\"failure\","
                            + "\"error_kind\":\"TIMEOUT\",\"latency_ms\":1200,\"input_tokens\":17,\"cost_usd\":0.02,"
                            + "\"depends_on\":[\"model:m\"],\"timestamp\":\"2026-01-01T12:00:00Z\"}]}",
                    "{\"sent_at\":\"2026-01-01T12:00:00+01:00\",\"entries\":[{\"agent_id\":1},null,{\"retry_after_ms\":-1,"
                            + "\"metadata\":{\"a\":[1,{\"b\":\"\\ud83d\"}]}}]}"),
            "redactor",
            new Fuzzed(
                    ParsersFuzzTest::redact,
                    "Authorization: Bearer sk-ant-REDACTED and password=\"hunter2\" of ada@example.com",
                    "card 4111 1111 1111 1111, phone +44 20 7946 0958, ssn 078-05-1120, /home/ada/work",
                    "https://user:pass@host/path?api_key=abcdef&x=1 eyJhbGciOiJIUzI1NiJ9.e30.abc")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    private static void batch(byte[] input) {
        try {
            LogBatchReader.read(input, entry -> entry);
        } catch (IllegalArgumentException said) {
            if (said.getMessage() == null || said instanceof NumberFormatException) {
                throw said;
            }
        }
    }

    private static void redact(byte[] input) {
        String planted = new String(input, StandardCharsets.UTF_8) + "\npassword=hunter2hunter2\n";
        String redacted = Redactor.standard().redact(planted);
        if (redacted.contains("hunter2hunter2") && !new String(input, StandardCharsets.UTF_8).contains("hunter2")) {
            throw new AssertionError("a password is shown: " + redacted);
        }
    }
}
