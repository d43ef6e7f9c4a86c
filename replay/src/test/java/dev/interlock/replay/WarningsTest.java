package dev.interlock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a log lacks for an answer, somebody must say. */
class WarningsTest {
    private static final String WARNING =
            "warning: 2 of 3 failures have no kind, or ERROR: with --by both they count in"
                    + " the agent's circuit alone, and no target's circuit protects the others. Log kinds such as TIMEOUT, or take"
                    + " --by target\n";

    @Test
    void warns_where_most_failures_have_no_kind_and_both_circuits_are_asked() {
        Recorded recorded = mostlyWithoutKind();
        recorded.by(By.BOTH);

        assertThat(recorded.complaints()).isEqualTo(WARNING);
    }

    @Test
    void warns_of_no_kinds_only_where_they_matter() {
        for (By by : new By[] {By.AGENT, By.TARGET}) {
            Recorded recorded = mostlyWithoutKind();
            recorded.by(by);
            assertThat(recorded.complaints()).as(by.name()).isEmpty();
        }
        Recorded half = Recorded.calls().failed(0, 1).failed(2, 1, "TIMEOUT");
        half.by(By.BOTH);
        assertThat(half.complaints()).isEmpty();
    }

    @Test
    void says_that_nothing_is_probed_where_no_recorded_call_answers() throws Exception {
        Map<String, Policy> policies =
                Map.of("recommended+probe", Objects.requireNonNull(Policies.builtIn("recommended+probe")));
        for (boolean fromLog : new boolean[] {false, true}) {
            StringWriter err = new StringWriter();
            new Replay(policies, By.AGENT)
                    .probesFromLog(fromLog)
                    .run(
                            "-",
                            true,
                            false,
                            new ByteArrayInputStream("time,agent,duration_ms,ok\n0,a,1,true\n".getBytes(UTF_8)),
                            new PrintWriter(new StringWriter()),
                            new PrintWriter(err, true));
            assertThat(err.toString())
                    .isEqualTo(
                            fromLog
                                    ? ""
                                    : "warning: recommended+probe has a probe, and a replay makes no requests: nothing is"
                                            + " probed. Give --probes log to have recorded calls answer\n");
        }
    }

    private static Recorded mostlyWithoutKind() {
        return Recorded.calls().failed(0, 1).failed(100, 1, "ERROR").failed(200, 1, "TIMEOUT");
    }
}
