package dev.interlock.server.http;

import dev.interlock.checks.Fuzzed;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What requests are read from: bodies, paths and queries. Whatever comes is read, or refused in words. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "json",
            new Fuzzed(
                    in -> refused(() -> StrictJson.read(Buffer.buffer(in))),
                    "{\"a\":[1,-0.5e3,true,null,\"\\ud83d\\ude00\"],\"b\":{\"c\":\"\"}}",
                    "[[[[[[[[1]]]]]]]]",
                    "\ufeff{\"a\":1,\"a\":2}",
                    "123456789012345678901234567890"),
            "path",
            new Fuzzed(
                    in -> refused(() -> Urls.segments(text(in))),
                    "/api/v1/circuits/model%3Aa%2Fb/permits",
                    "/%C3%A9/%ff/+/"),
            "query",
            new Fuzzed(
                    in -> refused(() -> Urls.query(text(in))),
                    "limit=10&before=9&actor=ada%2A+x&since=2026-01-01T00:00:00Z",
                    "a&=&a=1&a=2")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    private static void refused(Runnable reading) {
        try {
            reading.run();
        } catch (Problem said) {
            if (String.valueOf(said.getMessage()).isBlank()) {
                throw said;
            }
        }
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }
}
