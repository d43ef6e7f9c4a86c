package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadingCsvTest {
    private static final String HEADER = "time,agent,target,duration_ms,ok,kind\n";

    @Test
    void finds_columns_in_any_order_and_ignores_others() {
        Recorded recorded = Recorded.text("\ufeffkind, source,OK,duration_ms,target,agent,\"time\",prompt\n"
                + "TIMEOUT,x,false,1000,model:m,a,0,\"two\nlines, a comma and \"\"quotes\"\"\"\n"
                + "TIMEOUT,x,False,1000,model:m, a ,2.000000001,\n"
                + ",x,1,10.5,model:m,\"a\",1e1,\"\"\n");

        JsonNode quick = recorded.by(By.AGENT);
        assertThat(recorded.complaints()).isEmpty();
        assertThat(quick.get("circuits").asInt()).isEqualTo(1);
        assertThat(quick.get("calls").asInt()).isEqualTo(3);
        assertThat(quick.get("openings").asInt()).isEqualTo(1);
        assertThat(quick.get("good_blocked").asInt()).isEqualTo(1);
    }

    @Test
    void reads_gzip_whatever_it_is_called() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write((HEADER + "0,a,m,1,true,\n").getBytes(StandardCharsets.UTF_8));
        }
        String report = Recorded.text("").run(By.AGENT, true, false, new ByteArrayInputStream(packed.toByteArray()));

        assertThat(report).contains("\"calls\" : 1");
    }

    @Test
    void says_when_gzip_ends_in_the_middle() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write((HEADER + "0,a,m,1,true,\n".repeat(10)).getBytes(StandardCharsets.UTF_8));
        }
        byte[] half = java.util.Arrays.copyOf(packed.toByteArray(), packed.size() - 12);

        assertThatThrownBy(() -> Recorded.text("").run(By.AGENT, true, false, new ByteArrayInputStream(half)))
                .hasMessageContaining("cannot be read beyond row")
                .hasMessageContaining("must be a whole file");
    }

    @Test
    void reads_seconds_and_rfc_3339_as_the_same_times() {
        JsonNode quick = Recorded.text(HEADER
                        + "1767603600,a,m,0,false,\n"
                        + "2026-01-05T10:00:02.5+01:00,a,m,0,false,\n"
                        + "2026-01-05t09:00:13z,a,m,0,true,\n")
                .by(By.AGENT);

        assertThat(quick.get("median_seconds_to_open").asDouble()).isEqualTo(2.5);
        assertThat(quick.get("median_seconds_to_recover").asDouble()).isEqualTo(10.5);
    }

    @Test
    void takes_a_row_that_is_a_minute_late_and_no_later_one() {
        Recorded recorded = Recorded.text(
                HEADER + "1000,a,m,0,true,\n" + "940,a,m,0,true,\n" + "939.999,a,m,0,true,\n" + "1001,a,m,0,true,\n");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(3);
        assertThat(recorded.complaints()).isEqualTo("""
                        (standard input):4: the call began 60 s before that of line 2: must be at most 60 s before the latest one
                        1 of 4 rows was bad and left out
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "1767603600000,a,m,0,true,| time = '1767603600000': must be seconds since 1970 such as",
                "yesterday,a,m,0,true,| time = 'yesterday': must be seconds",
                "-1,a,m,0,true,| time = '-1': must be seconds",
                "1e999999999,a,m,0,true,| time = '1e999999999': must be seconds",
                "NaN,a,m,0,true,| time = 'NaN': must be seconds",
                "2026-02-30T00:00:00Z,a,m,0,true,| time = '2026-02-30T00:00:00Z': must be seconds",
                "2026-01-05T09:00:00,a,m,0,true,| time = '2026-01-05T09:00:00': must be seconds",
                ",a,m,0,true,| time = '': must be seconds",
                "0,,m,0,true,| agent = '': must be a name of 1 to 256 characters",
                "0,a,m,soon,true,| duration_ms = 'soon': must be milliseconds, 0 to 31536000000 (a year)",
                "0,a,m,-5,true,| duration_ms = '-5': must be milliseconds",
                "0,a,m,31536000001,true,| duration_ms = '31536000001': must be milliseconds",
                "0,a,m,,true,| duration_ms = '': must be milliseconds",
                "0,a,m,0,yes,| ok = 'yes': must be true or false",
                "0,a,m,0,false,BROKEN| kind = 'BROKEN': must be empty or one of TIMEOUT, CONNECTION,",
                "0,a,m,0,true,TIMEOUT| kind = 'TIMEOUT': must be empty or CANCELLED, since the call is said to be good",
                "0,a,m,0,true,,,| the row has 8 fields: must be at most 6, as the header",
                "0,a| duration_ms = '': must be milliseconds",
            })
    void names_of_a_bad_row_its_line_the_value_and_what_is_allowed(String row, String message) {
        Recorded recorded = Recorded.text(HEADER + "0,a,m,0,true,\n" + row + "\n0,a,m,0,true,\n");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(2);
        assertThat(recorded.complaints())
                .startsWith("(standard input):3: " + message)
                .endsWith("\n1 of 3 rows was bad and left out\n");
    }

    @Test
    void shows_the_first_five_bad_rows_and_counts_the_others() {
        Recorded recorded = Recorded.text(HEADER + "0,a,m,0,true,\n" + "x,a,m,0,true,\n".repeat(8));

        recorded.by(By.AGENT);
        assertThat(recorded.isDone()).isTrue();
        assertThat(recorded.complaints().lines())
                .hasSize(7)
                .contains("… and 3 more bad rows", "8 of 9 rows were bad and left out")
                .anyMatch(line -> line.startsWith("(standard input):7: "));
    }

    @Test
    void a_quote_that_never_ends_costs_one_row() {
        Recorded recorded =
                Recorded.text(HEADER + "0,a,m,0,true,\n" + "1,\"a,m,0,true,\n" + "2,a,m,0,true,\n" + "3,a,m,0,true,");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(3);
        assertThat(recorded.complaints())
                .startsWith("(standard input):3: field 2 = '\"a,m,0,true,': must end with a closing quote\n");
    }

    @Test
    void a_quote_that_never_ends_behind_one_that_took_two_lines_is_a_bad_row_as_well() {
        Recorded recorded = Recorded.text(
                HEADER + "0,a,m,0,true,\n" + "1,\"a\nb\",\"m,0,true,\n" + "2,a,m,0,true,\n" + "3,a,m,0,true,");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(3);
        assertThat(recorded.complaints())
                .contains("(standard input):3: field 3 = '\"m,0,true,': must end with a closing quote\n");
    }

    @Test
    void a_line_without_end_costs_one_row() {
        Recorded recorded = Recorded.text(HEADER + "0,a,m,0,true,\n" + "x".repeat(Lines.LONGEST + 3_000_000) + "\n"
                + "2,a,m,0,true,\n" + "3,a,m,0,true,\n");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(3);
        assertThat(recorded.complaints()).startsWith("(standard input):3: the line is too long: must be at most");
    }

    @Test
    void numbers_lines_as_an_editor_does() {
        Recorded recorded =
                Recorded.text("time,agent,duration_ms,ok,note\r\n\r\n0,a,0,true,\"one\r\ntwo\"\r\nx,a,0,true,\r\n");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(1);
        assertThat(recorded.complaints()).startsWith("(standard input):5: time = 'x'");
    }

    @Test
    void a_failure_says_how_long_to_wait() {
        String rows = ",true,,\n12,a,m,0,true,,\n29,a,m,0,true,,\n37,a,m,0,true,,\n";
        Recorded waits = Recorded.text("time,agent,target,duration_ms,ok,kind,retry_after_ms\n"
                + "0,a,m,0,false,RATE_LIMITED,30000\n10,a,m,0" + rows);
        assertThat(waits.by(By.AGENT).get("openings").asInt()).isEqualTo(1);
        assertThat(waits.by(By.AGENT).get("good_blocked").asInt()).isEqualTo(3);
        assertThat(waits.complaints()).isEmpty();
    }

    @Test
    void a_wait_belongs_to_a_failure_and_is_no_text() {
        Recorded recorded = Recorded.text("time,agent,target,duration_ms,ok,kind,retry_after_ms\n"
                + "0,a,m,0,true,,5\n1,a,m,0,false,RATE_LIMITED,soon\n2,a,m,0,false,RATE_LIMITED,\n");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(1);
        assertThat(recorded.complaints())
                .contains("retry_after_ms = '5': must be empty, since the call is said to be good")
                .contains("retry_after_ms = 'soon': must be milliseconds that are not negative");
    }

    @Test
    void shows_no_control_characters_of_a_file() {
        Recorded recorded =
                Recorded.text(HEADER + "0,a,m,0,true,\n" + "\u001b[31m,a,m,0,true,\n" + "0,a\u0007,m,0,true,\n");

        recorded.by(By.AGENT);
        assertThat(recorded.complaints()).contains("time = '\\u001b[31m'").contains("agent = 'a\\u0007'");
    }

    @Test
    void needs_only_the_names_that_circuits_have() {
        assertThat(Recorded.text("time,agent,duration_ms,ok\n0,a,1,false\n")
                        .by(By.AGENT)
                        .get("failures")
                        .asInt())
                .isEqualTo(1);
        assertThat(Recorded.text("time,target,duration_ms,ok\n0,m,1,true\n")
                        .by(By.TARGET)
                        .get("calls")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void says_which_column_is_missing_or_twice() {
        assertThatThrownBy(() -> Recorded.text("time,agent,ok\n").by(By.AGENT))
                .hasMessage("(standard input):1: header = 'time,agent,ok': must name a column duration_ms;"
                        + " a log has time, agent, target, duration_ms and ok, and may have kind");
        assertThatThrownBy(() -> Recorded.text("time,agent,ok,duration_ms,ok\n").by(By.AGENT))
                .hasMessage("(standard input):1: header = 'time,agent,ok,duration_ms,ok': must name ok only once");
    }

    @Test
    void refuses_what_is_empty_or_a_json_array() {
        assertThatThrownBy(() -> Recorded.text("\n \n").by(By.AGENT))
                .hasMessage("(standard input): is empty: must hold CSV with a header, or NDJSON");
        assertThatThrownBy(() -> Recorded.text("[\n{}]").by(By.AGENT)).hasMessageContaining("must be NDJSON");
    }

    @Test
    void is_not_done_without_a_good_row() {
        Recorded none = Recorded.text(HEADER + "x,a,m,0,true,\n");

        assertThat(none.run(By.AGENT, true, false)).isEmpty();
        assertThat(none.isDone()).isFalse();
        assertThat(none.complaints())
                .contains("1 of 1 row was bad\n")
                .endsWith("(standard input): has no call to replay: must have at least one good row\n");
    }
}
