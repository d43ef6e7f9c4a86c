package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTurnsTest {
    private static final boolean PATIENT = true;
    private static final boolean HASTY = false;

    private final ProbeTurns<String> turns = new ProbeTurns<>();

    @Test
    void ten_run_at_a_time_and_six_more_for_suspicions() {
        List<String> running = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            if (turns.take("acme", PATIENT, "patient " + i)) {
                running.add("patient " + i);
            }
        }
        assertThat(running).hasSize(10);
        for (int i = 0; i < 20; i++) {
            if (turns.take("acme", HASTY, "hasty " + i)) {
                running.add("hasty " + i);
            }
        }
        assertThat(running).hasSize(16);
    }

    @Test
    void one_organization_of_thousands_keeps_another_waiting_for_one_answer() {
        for (int i = 0; i < 10_000; i++) {
            turns.take("many", PATIENT, "many");
            turns.take("many", HASTY, "many");
        }
        turns.take("few", PATIENT, "first");
        turns.take("few", PATIENT, "second");
        turns.take("few", HASTY, "suspicion");

        List<String> next = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            next.add(turns.end(PATIENT));
        }
        assertThat(next).containsExactly("many", "suspicion", "many", "first", "many", "second");
    }

    @Test
    void what_waits_no_longer_gets_no_turn() {
        for (int i = 0; i < 10; i++) {
            turns.take("acme", PATIENT, "running");
        }
        turns.take("acme", PATIENT, "gone");
        turns.take("acme", PATIENT, "next");

        assertThat(turns.remove("acme", PATIENT, "gone")).isTrue();
        assertThat(turns.remove("acme", PATIENT, "gone")).isFalse();
        assertThat(turns.end(PATIENT)).isEqualTo("next");
        assertThat(turns.end(PATIENT)).isNull();
    }

    @Test
    void a_suspicion_ends_and_a_patient_one_goes_on_waiting_while_ten_run() {
        for (int i = 0; i < 11; i++) {
            turns.take("acme", PATIENT, "patient " + i);
        }
        turns.take("acme", HASTY, "hasty");

        assertThat(turns.end(HASTY)).isNull();
        assertThat(turns.end(PATIENT)).isEqualTo("patient 10");
    }
}
