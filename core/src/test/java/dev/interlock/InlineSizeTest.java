package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What runs on every guarded call is short enough for the JIT to inline it: a method above 325 bytes of bytecode
 * ({@code FreqInlineSize}) never is, and then a refusal takes three times as long.
 */
class InlineSizeTest {
    private static final int MOST = 325;
    private static final Pattern METHOD = Pattern.compile("^  \\S.*?(\\w+)\\(.*\\).*;$");
    private static final Pattern INSTRUCTION = Pattern.compile("^ +(\\d+): \\w+.*");

    @ParameterizedTest
    @CsvSource({
        "Admission, acquire",
        "Admission, enter",
        "CircuitBreaker, tryAcquire",
        "Settlements, settle",
        "Settlements, succeed",
        "ClosedEpoch, settle",
        "HalfOpenEpoch, settle",
        "OpenEpoch, refusal",
        "Circuits, acquire",
        "Guard, call",
        "GuardedCalls, call",
    })
    void isShortEnoughToBeInlined(String type, String method) throws Exception {
        assertThat(sizes(type))
                .hasEntrySatisfying(method, size -> assertThat(size).isBetween(1, MOST));
    }

    /** Of each method's longest form the place of its last instruction. */
    private static Map<String, Integer> sizes(String type) throws Exception {
        Path classes = Path.of(CircuitBreaker.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        StringWriter out = new StringWriter();
        ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
        int exit = javap.run(
                new PrintWriter(out),
                new PrintWriter(out),
                "-c",
                "-p",
                "-cp",
                classes.toString(),
                "dev.interlock." + type);
        assertThat(exit).as(out.toString()).isZero();
        Map<String, Integer> sizes = new HashMap<>();
        String method = "";
        for (String line : out.toString().lines().toList()) {
            Matcher begins = METHOD.matcher(line);
            Matcher instruction = INSTRUCTION.matcher(line);
            if (begins.matches()) {
                method = begins.group(1);
            } else if (instruction.matches()) {
                sizes.merge(method, Integer.parseInt(instruction.group(1)), Math::max);
            }
        }
        return sizes;
    }
}
