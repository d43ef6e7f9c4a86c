package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures inside and outside of incidents that somebody knows of. */
class IncidentsTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path folder;

    @Test
    void tells_the_figures_of_an_incident_apart_from_the_others() throws IOException {
        JsonNode quick = incident().incidents(file("start,end\n2,20\n")).by(By.AGENT);

        assertThat(quick.get("incidents").asInt()).isEqualTo(1);
        JsonNode inside = quick.get("inside");
        assertThat(inside.get("calls").asInt()).isEqualTo(5);
        assertThat(inside.get("failures").asInt()).isEqualTo(4);
        assertThat(inside.get("rejected").asInt()).isEqualTo(2);
        assertThat(inside.get("failed_avoided").asInt()).isEqualTo(1);
        assertThat(inside.get("failed_avoided_share").asDouble()).isEqualTo(0.25);
        assertThat(inside.get("good_blocked").asInt()).isEqualTo(1);
        assertThat(inside.get("good_blocked_share").asDouble()).isEqualTo(1);
        assertThat(inside.get("openings").asInt()).isEqualTo(2);
        JsonNode outside = quick.get("outside");
        assertThat(outside.get("calls").asInt()).isEqualTo(4);
        assertThat(outside.get("failures").asInt()).isZero();
        assertThat(outside.get("failed_avoided_share").asDouble()).isZero();
        assertThat(outside.get("good_blocked").asInt()).isEqualTo(1);
        assertThat(outside.get("good_blocked_share").asDouble()).isEqualTo(0.25);
        assertThat(outside.get("openings").asInt()).isZero();
    }

    @Test
    void says_nothing_of_incidents_that_nobody_named() {
        JsonNode quick = incident().by(By.AGENT);

        assertThat(quick.has("inside")).isFalse();
        assertThat(quick.has("incidents")).isFalse();
        assertThat(incident().run(By.AGENT, false, false)).doesNotContain("inside");
    }

    @Test
    void prints_a_table_of_its_own_within_a_hundred_columns() throws IOException {
        String report = incident().incidents(file("start,end\n2,20\n")).run(By.AGENT, false, false);

        assertThat(report.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(report)
                .contains("inside and outside of 1 incident, by when a call began\n")
                .contains("p90 of good calls outside of incidents: 1.0 s\n");
        assertThat(report.lines().filter(line -> line.startsWith("quick")))
                .anySatisfy(row -> assertThat(row.split(" +"))
                        .containsExactly("quick", "1", "25.0%", "1", "100%", "0", "0%", "1", "25.0%", "2", "0"));
    }

    @Test
    void covers_from_a_start_on_until_before_the_end_whatever_the_order() throws Exception {
        Incidents known = Incidents.read(file("""
                end,why,start
                1970-01-01T00:01:00Z,"a, b",50

                20,,10
                15,,12
                30,,20
                """).toString());

        assertThat(known.count()).isEqualTo(4);
        for (long second = 0; second < 70; second++) {
            boolean expected = second >= 10 && second < 30 || second >= 50 && second < 60;
            assertThat(known.cover(second * SECOND)).as("second %d", second).isEqualTo(expected);
        }
        assertThat(known.cover(10 * SECOND - 1)).isFalse();
        assertThat(known.cover(30 * SECOND - 1)).isTrue();
    }

    @Test
    void reports_all_mistakes_with_their_lines() throws IOException {
        Path file = file("start,end\n5,5\nsoon,9\n1,2\n,7\n");

        assertThatThrownBy(() -> Incidents.read(file.toString()))
                .isInstanceOf(ReplayException.class)
                .hasMessage(file + ":2: end = '5': must be later than start\n" + file + ":3: start = 'soon': must be "
                        + Times.ALLOWED + "\n" + file + ":5: start = '': must be " + Times.ALLOWED);
    }

    @Test
    void refuses_a_file_that_is_no_list_of_incidents() throws IOException {
        assertThatThrownBy(() -> Incidents.read(file("from,to\n1,2\n").toString()))
                .hasMessageEndingWith(":1: header = 'from,to': must name the columns start and end");
        assertThatThrownBy(() -> Incidents.read(file("start,end\n").toString()))
                .hasMessageEndingWith(": has no incident: must be CSV with the columns start and end");
        assertThatThrownBy(() -> Incidents.read(folder.resolve("none").toString()))
                .hasMessage("--incidents = '" + folder.resolve("none")
                        + "': cannot be read: must be a CSV file with the columns start and end");
    }

    /** Trips at 5, the trial that begins at 15 fails at 16, the one that begins at 26 closes at 27. */
    private static Recorded incident() {
        return Recorded.calls()
                .good(0, 1)
                .failed(2, 1)
                .failed(4, 1)
                .failed(6, 1)
                .good(7, 1)
                .failed(15, 1)
                .good(20, 1)
                .good(26, 1)
                .good(30, 1);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("incidents.csv"), text);
    }
}
