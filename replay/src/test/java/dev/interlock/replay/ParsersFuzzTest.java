package dev.interlock.replay;

import dev.interlock.checks.Fuzzed;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a replay reads: calls as CSV, JSON lines, OTLP and transcripts, and policies. Bad rows are counted, bad files refused in words. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "csv",
            new Fuzzed(
                    ParsersFuzzTest::calls,
                    "time,agent,target,duration,ok,kind\n2026-01-01T00:00:00Z,planner,model:m,1.5,false,TIMEOUT\n1767268800,b,,2,1,\n",
                    "timestamp;agent;latency_ms;status\n1767268800000;\"a \"\"b\"\"\";12;success\n"),
            "json-lines",
            new Fuzzed(
                    ParsersFuzzTest::calls,
                    "{\"time\":\"2026-01-01T00:00:00Z\",\"agent\":\"planner\",\"target\":\"model:m\",\"duration\":1.5,\"ok\":false,\"kind\":\"TIMEOUT\"}\n",
                    "{\"agent_id\":\"planner\",\"action_type\":\"llm_inference\",\"status\":\"failure\",\"latency_ms\":10,\"timestamp\":\"2026-01-01T00:00:00Z\"}\n"),
            "otlp",
            new Fuzzed(
                    ParsersFuzzTest::calls,
                    "{\0\0\0\0",
                    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"a\"}}]},"
                            + "\"scopeSpans\":[{\"spans\":[{\"traceId\":\"01\",\"spanId\":\"02\",\"name\":\"chat m\",\"startTimeUnixNano\":\"1767268800000000000\","
                            + "\"endTimeUnixNano\":\"1767268801000000000\",\"attributes\":[{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"m\"}},"
                            + "{\"key\":\"error.type\",\"value\":{\"stringValue\":\"timeout\"}}],\"status\":{\"code\":2}}]}]}]}\n"),
            "transcript",
            new Fuzzed(
                    ParsersFuzzTest::calls,
                    "{\n\n\n\r\0\0\0\u00dd\0\u00f6",
                    "{\"type\":\"user\",\"sessionId\":\"s\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"user\",\"content\":\"x\"}}\n"
                            + "{\"type\":\"assistant\",\"sessionId\":\"s\",\"timestamp\":\"2026-01-01T00:00:02Z\",\"message\":{\"role\":\"assistant\","
                            + "\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"Bash\",\"input\":{}}]}}\n"
                            + "{\"type\":\"user\",\"sessionId\":\"s\",\"timestamp\":\"2026-01-01T00:00:03Z\",\"message\":{\"content\":[{\"type\":\"tool_result\","
                            + "\"tool_use_id\":\"t1\",\"is_error\":true}]}}\n"),
            "policy-file",
            new Fuzzed(
                    ParsersFuzzTest::policy,
                    "base: recommended\nfailure_threshold: 4\ncooldown: 30s\nfailure_kinds:\n  TIMEOUT: trip\n",
                    "window: 20 calls\nfailure_rate_threshold: .5 # half\nmin_callers: !!int 3\n",
                    "a: &a [1, *a]\n? b\n: |\n  c\n")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    /** A file that is broken off, or no gzip although it begins as one, is said to be so by who reads it. */
    private static void calls(byte[] input) throws IOException {
        try (CallFile file = CallFile.open("-", new ByteArrayInputStream(input))) {
            CallReader reader = file.reader(By.BOTH, new Names(), false);
            boolean more = true;
            while (more) {
                try {
                    more = reader.next();
                    if (more) {
                        reader.call();
                    }
                } catch (BadRowException said) {
                    if (String.valueOf(said.getMessage()).isBlank()) {
                        throw new AssertionError("nothing is said", said);
                    }
                }
            }
        } catch (ZipException | EOFException broken) {
            if (String.valueOf(broken.getMessage()).isBlank()) {
                throw new AssertionError("nothing is said", broken);
            }
        } catch (ReplayException said) {
            if (String.valueOf(said.getMessage()).isBlank()) {
                throw new AssertionError("nothing is said", said);
            }
        }
    }

    private static void policy(byte[] input) throws IOException {
        Path file = Files.createTempFile("interlock", ".yaml");
        try {
            Files.write(file, input);
            PolicyFile.read(file);
        } catch (ReplayException said) {
            if (String.valueOf(said.getMessage()).isBlank()) {
                throw new AssertionError("nothing is said", said);
            }
        } finally {
            Files.delete(file);
        }
    }
}
