package dev.interlock.server.permits;

import dev.interlock.checks.Fuzzed;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What callers say of calls: whatever comes is read, or refused in words. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "permit",
            new Fuzzed(
                    in -> refused(() -> BodyReader.request(in)),
                    "{\"depends_on\":[\"model:m\",\"tool:t\"],\"parent\":\"abc\",\"caller\":\"planner\"}",
                    "{\"depends_on\":null}"),
            "outcome",
            new Fuzzed(
                    in -> refused(() -> BodyReader.report(in)),
                    "{\"permit\":\"abc\",\"outcome\":\"failure\",\"kind\":\"TIMEOUT\",\"duration_ms\":12.5,\"retry_after_ms\":1000}",
                    "{\"outcome\":\"success\",\"duration_ms\":1e400}"),
            "outcome-of-a-batch",
            new Fuzzed(
                    in -> refused(() -> BodyReader.entry(in, 0, in.length)),
                    "{\"agent_id\":\"planner\",\"outcome\":\"cancelled\",\"caller\":\"x\"}")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    private interface Reading {
        void run() throws BadBodyException;
    }

    private static void refused(Reading reading) {
        try {
            reading.run();
        } catch (BadBodyException said) {
            if (String.valueOf(said.getMessage()).isBlank()) {
                throw new AssertionError("nothing is said", said);
            }
        }
    }
}
