package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextReportTest {

    @Test
    void rounds_what_is_long() {
        assertThat(List.of(0L, 99_999L, 100_000L, 999_499L, 999_500L, 1_234_567L, 99_960_000L, 123_400_000L))
                .extracting(TextReport::count)
                .containsExactly("0", "99999", "100k", "999k", "1.00M", "1.23M", "100M", "123M");
        assertThat(List.of(0.0, 0.0023, 0.09996, 0.446, 0.9994, 0.9999, 1.0))
                .extracting(TextReport::share)
                .containsExactly("0%", "0.23%", "10.0%", "44.6%", "99.9%", ">99.9%", "100%");
        assertThat(List.of(0.0, 12.34, 999.94, 999.96, 123_456.0, Double.NaN))
                .extracting(TextReport::seconds)
                .containsExactly("0.0", "12.3", "999.9", "1000", "123k", "–");
    }

    @Test
    void stays_within_a_hundred_columns_with_big_numbers_and_long_names() {
        Report.Shares calls = new Report.Shares(99_999_999, 88_888_888, 77_777_777, 66_666_666, 9_999_999);
        Report.Line line = new Report.Line(calls, 88_888, 77_777, 66_666, 123_456, 99_999);
        Report.Part part = new Report.Part(calls, 88_888);
        String name = "a/very/long/path/to/a/policy.yaml";
        Report report = new Report(
                By.BOTH,
                0,
                0,
                "",
                9,
                123_456_789,
                List.of(new Report.OfPolicy(
                        name,
                        99_999,
                        99_999,
                        99_999,
                        line,
                        new Report.Parts(part, part),
                        List.of(new Report.OfCircuit("tool:browser", line)))),
                List.of(
                        new Report.OfSlowRule(name, 9_999_999, 8_888_888, calls, 99_999),
                        new Report.OfSlowRule(name + "+slow", 9_999_999, 8_888_888, calls, 99_999)));
        StringWriter out = new StringWriter();

        TextReport.write(report, "log.csv", true, new PrintWriter(out));

        assertThat(out.toString().lines()).allSatisfy(each -> assertThat(each).hasSizeLessThanOrEqualTo(100));
        assertThat(out.toString()).contains("…/policy.yaml").contains("tool:browser");
    }
}
