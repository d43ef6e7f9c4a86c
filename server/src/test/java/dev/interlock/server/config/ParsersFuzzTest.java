package dev.interlock.server.config;

import dev.interlock.checks.Fuzzed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The file of settings: whatever is in it is read, or refused in words. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "settings-file",
            new Fuzzed(
                    ParsersFuzzTest::file,
                    "port: 8080\nhealth:\n  opens: failing\noutbound-hosts: [a.example.com, b]\nlog-retention: 30d\n",
                    "jwt-issuers:\n  - issuer: https://l.example.com/\n    algorithms: [RS256]\n    secret: abc\n",
                    "a: &a [1, *a]\n? b\n: |\n  c\n")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    private static void file(byte[] input) throws IOException {
        Path file = Files.createTempFile("interlock", ".yaml");
        try {
            Files.write(file, input);
            List<String> problems = new ArrayList<>();
            YamlFile.read(file, problems);
            if (problems.isEmpty()) {
                Config.read(Map.of(), Map.of(), file);
            }
        } catch (ConfigException said) {
            if (String.valueOf(said.getMessage()).isBlank()) {
                throw new AssertionError("nothing is said", said);
            }
        } finally {
            Files.delete(file);
        }
    }
}
