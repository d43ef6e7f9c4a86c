package dev.interlock.server.circuits;

import dev.interlock.InvalidSettingsException;
import dev.interlock.Scope;
import dev.interlock.checks.Fuzzed;
import dev.interlock.server.http.Problem;
import dev.interlock.server.http.StrictJson;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Policies with their probes, and times of queries: whatever comes is read, or refused in words. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "policy",
            new Fuzzed(
                    ParsersFuzzTest::policy,
                    "{\"base\":\"recommended\",\"failure_threshold\":4,\"cooldown\":\"30s\",\"failure_kinds\":{\"TIMEOUT\":\"trip\"},"
                            + "\"cooldowns\":{\"QUOTA_EXHAUSTED\":\"15m\"},\"window\":\"20 calls\"}",
                    "{\"probe\":{\"url\":\"https://api.example.com/v1?x=1\",\"method\":\"POST\",\"headers\":{\"X-Key\":\"${secret:A}\"},"
                            + "\"body\":\"{}\",\"expect\":[200,\"2xx\"],\"timeout\":\"5s\",\"interval\":\"15s\",\"needed\":3}}"),
            "time",
            new Fuzzed(
                    ParsersFuzzTest::time,
                    "2027-01-31T18:00:00Z",
                    "2027-01-31T18:00:00.123456789+14:00",
                    "-999999999-01-01T00:00:00+18:00")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    private static void policy(byte[] input) {
        try {
            if (StrictJson.read(Buffer.buffer(input)) instanceof JsonObject settings) {
                WrittenPolicy.read(new JsonObject(settings.encode()).getMap(), Scope.LOCAL)
                        .stored();
            }
        } catch (Problem | InvalidSettingsException said) {
            if (String.valueOf(said.getMessage()).isBlank()) {
                throw said;
            }
        }
    }

    private static void time(byte[] input) {
        try {
            Times.optional("since", new String(input, StandardCharsets.UTF_8));
        } catch (Problem said) {
            if (!String.valueOf(said.getMessage()).contains("since")) {
                throw said;
            }
        }
    }
}
