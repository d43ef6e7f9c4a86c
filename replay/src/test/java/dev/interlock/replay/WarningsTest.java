package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static Recorded mostlyWithoutKind() {
        return Recorded.calls().failed(0, 1).failed(100, 1, "ERROR").failed(200, 1, "TIMEOUT");
    }
}
