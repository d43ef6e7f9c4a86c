package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.CircuitBreakerConfig;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nine of ten good calls do not exceed, and what a rule for slow calls there would have done. */
class SlowRuleTest {
    @TempDir
    private Path folder;

    @Test
    void knows_the_90th_percentile_to_within_a_hundredth() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            long[] millis = random.longs(1 + random.nextInt(500), 1, 1L << 1 + random.nextInt(34))
                    .toArray();
            SlowRule rule = new SlowRule();
            Arrays.stream(millis).forEach(each -> rule.add(each * 1_000_000));
            Arrays.sort(millis);

            long exact = millis[(int) Math.ceil(millis.length * 0.9) - 1];
            assertThat(rule.p90Millis())
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo(exact)
                    .isCloseTo(exact, within(exact / 64));
        }
    }

    @Test
    void has_no_percentile_without_a_good_call() {
        assertThat(new SlowRule().p90Millis()).isZero();
        assertThat(Recorded.calls().failed(0, 1).by(By.AGENT).get("good_p90_ms").asInt())
                .isZero();
        assertThat(Recorded.calls().failed(0, 1).run(By.AGENT, false, false)).doesNotContain("p90");
    }

    @Test
    void leaves_out_failed_and_cancelled_calls() {
        JsonNode quick = Recorded.calls()
                .good(0, 2)
                .failed(10, 50)
                .call("a", "model:m", 100, 50, true, "CANCELLED")
                .by(By.AGENT);

        assertThat(quick.get("good_p90_ms").asInt()).isBetween(2_000, 2_020);
    }

    @Test
    void trips_where_half_of_the_calls_became_slow() throws Exception {
        StringBuilder log = new StringBuilder("time,agent,target,duration_ms,ok\n");
        for (int i = 0; i < 400; i++) {
            boolean isSlow = i >= 300 && i < 330;
            log.append(100 * i)
                    .append(",a,m,")
                    .append(isSlow ? 60_000 : 1_000 + i % 10 * 100)
                    .append(",true\n");
        }
        Path file = Files.writeString(folder.resolve("calls.csv"), log);
        StringWriter out = new StringWriter();

        new Replay(
                        Map.of(
                                "recommended",
                                Policy.of(CircuitBreakerConfig.recommended()),
                                "resilience4j",
                                Policy.of(Peer.RESILIENCE4J)),
                        By.AGENT)
                .incidents(Files.writeString(folder.resolve("incidents.csv"), "start,end\n30000,33000\n")
                        .toString())
                .slowRule(true)
                .run(file.toString(), false, false, InputStream.nullInputStream(), new PrintWriter(out), silent());

        assertThat(out.toString()).contains("slow rule: slow_call_duration 1.8 s, slow_call_rate_threshold 0.5\n");
        String[] with = row(out, "  + slow rule");
        assertThat(row(out, "recommended")).startsWith("recommended", "67", "0", "0%");
        assertThat(Integer.parseInt(with[4])).as("slow calls avoided").isGreaterThan(5);
        assertThat(Integer.parseInt(with[with.length - 1])).as("openings").isPositive();
        assertThat(out.toString().lines().filter(line -> line.startsWith("resilience4j")))
                .as("a peer has no rule of ours")
                .hasSize(2);
    }

    @Test
    void needs_a_file_that_can_be_read_twice() {
        assertThatThrownBy(() -> new Replay(Map.of(), By.AGENT)
                        .slowRule(true)
                        .run("-", false, false, InputStream.nullInputStream(), silent(), silent()))
                .isInstanceOf(ReplayException.class)
                .hasMessage("FILE = '-': must be a file where --slow is given, since it is read twice");
    }

    private static String[] row(StringWriter report, String begin) {
        return report.toString()
                .lines()
                .filter(line -> line.startsWith(begin))
                .reduce((first, last) -> last)
                .orElseThrow()
                .trim()
                .split(" +");
    }

    private static PrintWriter silent() {
        return new PrintWriter(new StringWriter());
    }
}
