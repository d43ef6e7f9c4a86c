package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file holds behind its first row, a replay goes through it and counts each row as good or bad. */
class GarbageTest {
    private static final Pattern BAD = Pattern.compile("(\\d+) of (\\d+) rows? (?:was|were) bad");
    private static final String[] PIECES = {
        ",",
        ",,",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "true",
        "false",
        "1",
        "0.5",
        "2026-01-05T09:00:00Z",
        "TIMEOUT",
        "a",
        "{",
        "}",
        "\"time\":",
        "[",
        ":",
        "null",
        "-",
        "e9",
        "\u0000",
        "\ud83d\ude00",
        "\u001b",
        " ",
        "\t",
        "9".repeat(40)
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "time,agent,target,duration_ms,ok,kind\n5,a,m,1,true,\n",
                "{\"time\":5,\"agent\":\"a\",\"target\":\"m\",\"duration_ms\":1,\"ok\":true}\n"
            })
    void random_rows_are_counted_and_never_crash(String beginning) {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream garbage = new ByteArrayOutputStream();
            garbage.writeBytes(beginning.getBytes(StandardCharsets.UTF_8));
            for (int piece = 0; piece < 200; piece++) {
                byte[] bytes = PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
                if (random.nextInt(10) == 0) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                garbage.writeBytes(bytes);
            }
            Recorded recorded = Recorded.text("");

            String report = recorded.run(By.BOTH, true, true, new ByteArrayInputStream(garbage.toByteArray()));

            assertThat(recorded.isDone()).as("seed " + seed).isTrue();
            assertThat(report).as("seed " + seed).contains("\"calls\"");
            Matcher bad = BAD.matcher(recorded.complaints());
            if (bad.find()) {
                assertThat(Long.parseLong(bad.group(1))).as("seed " + seed).isLessThan(Long.parseLong(bad.group(2)));
            }
        }
    }
}
