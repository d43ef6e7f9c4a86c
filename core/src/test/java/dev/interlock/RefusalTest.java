package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.OpeningRecord;
import dev.interlock.store.TrialEnd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a refusal says, why and by whom; and that it survives serialization in every state. */
class RefusalTest {
    @Test
    void a_streak_is_named_with_its_last_kind() {
        Lab lab = new Lab(CircuitBreakerConfig.recommended());
        lab.fail(FailureKind.TIMEOUT).fail(FailureKind.SERVER_ERROR).fail(FailureKind.SERVER_ERROR);

        says(lab, "agent is open: 3 failures in a row (SERVER_ERROR); retry in 60 s");
    }

    @Test
    void a_rate_is_named_with_its_figures() {
        Lab lab = new Lab(Lab.settings().failureThreshold(null).build());
        lab.succeed(4).fail(6);

        says(lab, "agent is open: failure rate 6 of 10 (ERROR); retry in 60 s");
    }

    @Test
    void a_kind_that_trips_is_named() {
        says(
                new Lab().fail(FailureKind.QUOTA_EXHAUSTED),
                "agent is open: one QUOTA_EXHAUSTED is enough; retry in 60 s");
    }

    @Test
    void a_person_is_named_with_the_reason() {
        Lab lab = new Lab();
        lab.circuit.override(ManualOverride.of(OverrideAction.OPEN, "ada").because("bad answers"));

        says(lab, "agent is open: opened by ada: bad answers; retry in 60 s");
    }

    @Test
    void a_cause_of_a_newer_version_is_named_as_it_is() {
        OpeningRecord why = new OpeningRecord("moon_is_full", null, null, "tides");
        Trip trip = new Trip(
                0, Instant.EPOCH, Figures.NONE, 0, 0, RollingWindow.NEVER, RollingWindow.NEVER, TrialEnd.NOBODY, why);
        assertThat(RefusalText.why(trip)).isEqualTo(": moon is full: tides");
    }

    @Test
    void a_hold_is_named_with_its_author_and_reason() {
        Lab lab = new Lab();
        lab.circuit.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "ada").because("maintenance"));

        says(lab, "agent is held open by ada: maintenance; retry in 60 s");
    }

    @Test
    void what_opened_it_stays_named_after_a_failed_trial() {
        Lab lab = new Lab();
        lab.fail(5).pass(Duration.ofSeconds(60)).fail();

        says(lab, "agent is open: 5 failures in a row (ERROR); retry in 60 s");
    }

    @Test
    void a_half_open_circuit_says_that_others_try() {
        Lab lab = new Lab();
        lab.firstTrial();
        lab.begin();
        lab.begin();

        says(lab, "agent is half-open, and other calls are its trials; retry in 1 s");
    }

    @Test
    void a_rest_of_a_second_is_said_in_milliseconds_rounded_up() {
        Lab lab = new Lab();
        lab.trip().pass(Duration.ofMillis(59_750).plusNanos(1));

        says(lab, "agent is open: one LOOP is enough; retry in 250 ms");
    }

    @Test
    void a_refusal_of_several_circuits_says_the_same() {
        Lab lab = new Lab();
        lab.fail(5);
        Guard planner = lab.circuits.guard("planner").dependingOn("agent");
        CircuitOpenException refused = null;
        try {
            planner.acquire();
        } catch (CircuitOpenException thrown) {
            refused = thrown;
        }

        assertThat(refused).hasMessage("agent is open: 5 failures in a row (ERROR); retry in 60 s");
        assertSerializes(Objects.requireNonNull(refused));
    }

    @Test
    void a_gate_survives_serialization() {
        Lab lab = new Lab();
        lab.circuits.gates().put(Gate.ofAgents("default", "agent*", "ada"));
        CircuitOpenException refused = null;
        try {
            lab.circuits.guard("agent").acquire();
        } catch (CircuitOpenException thrown) {
            refused = thrown;
        }

        assertSerializes(Objects.requireNonNull(refused));
    }

    private static void says(Lab lab, String message) {
        CircuitOpenException refused = lab.refusal();
        assertThat(refused).hasMessage(message);
        assertSerializes(refused);
    }

    private static void assertSerializes(CircuitOpenException refused) {
        CircuitOpenException copy = copy(refused);
        assertThat(copy).hasMessage(refused.getMessage());
        assertThat(copy.id()).isEqualTo(refused.id());
        assertThat(copy.state()).isEqualTo(refused.state());
        assertThat(copy.retryAfter()).isEqualTo(refused.retryAfter());
        assertThat(copy.hold()).isEqualTo(refused.hold());
        assertThat(copy.gate()).isEqualTo(refused.gate());
    }

    private static CircuitOpenException copy(CircuitOpenException refused) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(refused);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (CircuitOpenException) in.readObject();
            }
        } catch (IOException | ClassNotFoundException broken) {
            throw new AssertionError(broken);
        }
    }
}
