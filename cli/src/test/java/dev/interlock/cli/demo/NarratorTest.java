package dev.interlock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.ManualTimeSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NarratorTest {
    private final List<Line> lines = new ArrayList<>();
    private final Narrator narrator =
            new Narrator(new Cast(), new VirtualStage(new ManualTimeSource()), new Tally(), lines::add);

    @Test
    void an_incident_of_which_all_has_closed_is_found_on_the_page_that_still_has_it() throws JsonProcessingException {
        incident("null");
        incident("\"2027-01-31T18:00:00Z\"");

        assertThat(lines)
                .extracting(Line::text)
                .containsExactly(
                        "model:atlas-mini is the cause: 16 agents depend on it (look: first of all on the page Fleet; in a"
                                + " terminal: interlock incidents)",
                        "model:atlas-mini: all has closed; the incident ends if that lasts five minutes (look: Incidents)");
    }

    @Test
    void not_everything_that_has_a_health_is_an_agent() {
        narrator.healthChanged("model:atlas-large", "healthy", "critical", 25);

        assertThat(lines)
                .extracting(Line::text)
                .containsExactly(
                        "model:atlas-large: healthy to critical, score 25 (look: its page has its score and why)");
    }

    private void incident(String quietSince) throws JsonProcessingException {
        narrator.incident(new ObjectMapper()
                .readTree(
                        "{\"id\": \"1-1\", \"root\": \"model:atlas-mini\", \"state\": \"live\", \"merged_into\": null,"
                                + " \"depending\": 16, \"quiet_since\": " + quietSince + "}"));
    }
}
