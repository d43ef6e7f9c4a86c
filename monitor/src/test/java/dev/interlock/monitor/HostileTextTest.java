package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Long texts that make a backtracking search take for ever. What is compared is this thread's own processor time for a
 * text and for one eight times as long: linear is 8 times as much, quadratic 64.
 */
@Tag("heavy")
@Tag("thorough")
class HostileTextTest {
    private static final int SHORT = 1 << 15;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a@",
                "@",
                "a.",
                "a@b.",
                "%40",
                "a%40a",
                "1",
                "1 ",
                "1-",
                "+1",
                "(1) ",
                "4111 ",
                "0",
                "eyJ",
                "eyJ-",
                "eyJ.",
                "eyJa.eyJ",
                "sk-",
                "sk-sk_",
                "bearer ",
                "Basic A",
                "=",
                ":",
                "a:",
                "a=b ",
                "password",
                "password=",
                "password:\"",
                "password:'\"",
                "\\\"password\\\":\\\\\"",
                "phone:\"",
                "phone:\\\"",
                "<password>",
                "<ssn>",
                "ssn:{",
                "password:{",
                "://",
                "://a:b",
                "https://a:",
                "https://a/",
                "/home/",
                "C:\\Users\\",
                "/Users/ ",
                "-----BEGIN ",
                "-----BEGIN PRIVATE KEY",
                "--",
                "--password",
                "--password ",
                "-",
                "\\",
                "\"",
                "'",
                "\n",
                "AKIA",
                "SK0",
                "ﷺ",
                "a b"
            })
    void the_time_is_linear_in_the_length(String part) {
        String text = part.repeat(SHORT / part.length());
        String longer = part.repeat(8 * SHORT / part.length());
        TextRedactor.redact(text);
        long few = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            few = Math.min(few, nanos(text));
        }
        long many = Math.min(nanos(longer), nanos(longer));
        assertThat(many).isLessThan(30 * Math.max(few, 2_000_000));
    }

    private static long nanos(String text) {
        long start = THREADS.getCurrentThreadCpuTime();
        assertThat(TextRedactor.redact(text)).isNotNull();
        return THREADS.getCurrentThreadCpuTime() - start;
    }
}
