package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Lab;
import org.junit.jupiter.api.Test;

/** A policy for an organization without a name was apply for all organizations. */
class PolicyOfNoOrganizationTest {
    @Test
    void an_organization_needs_a_name() {
        Lab lab = new Lab();

        assertThatThrownBy(() -> lab.circuits.putPolicy("", "*", CircuitBreakerConfig.upstream()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A circuit's organization must not be empty or blank");
        assertThatThrownBy(() -> lab.circuits.removePolicy("", "*"))
                .hasMessage("A circuit's organization must not be empty or blank");

        assertThat(lab.circuits.policies()).isEmpty();
        assertThat(lab).isClosed();
    }
}
