package dev.interlock.server.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.server.circuits.FleetQuery.Member;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which of the fleet words mean. */
class FleetQueryTest {
    private static final CircuitId PLANNER = new CircuitId("acme", "planner-1");

    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(
            CircuitBreakerConfig.builder().failureThreshold(1).build());

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void a_word_is_a_part_of_the_name_whatever_its_case_or_all_of_it_with_a_star() {
        assertThat(finds("PLAN")).isTrue();
        assertThat(finds("plan -2")).as("what must not be").isTrue();
        assertThat(finds("plan -1")).isFalse();
        assertThat(finds("planner-* er-1")).as("all words must hold").isTrue();
        assertThat(finds("planner-* er-2")).isFalse();
        assertThat(finds("*-1")).isTrue();
        assertThat(finds("lanner-*")).as("a star is of the whole name").isFalse();
        assertThat(finds("writer,plan")).as("any of them").isTrue();
        assertThat(FleetQuery.parse("model:at").matches(bare("model:atlas")))
                .as("no field of ours: part of a name")
                .isTrue();
    }

    @Test
    void a_pattern_alone_is_of_the_whole_name_to_the_letter_also_where_it_looks_like_a_word() {
        assertThat(FleetQuery.named("planner-*").matches(bare("planner-1"))).isTrue();
        assertThat(FleetQuery.named("Planner-*").matches(bare("planner-1"))).isFalse();
        assertThat(FleetQuery.named("planner").matches(bare("planner-1"))).isFalse();
        assertThat(FleetQuery.named("state:open").matches(bare("state:open"))).isTrue();
    }

    @Test
    void states_and_holds() {
        assertThat(finds("state:closed")).isTrue();
        assertThat(finds("state:open,half_open")).isFalse();
        assertThat(finds("state:held")).isFalse();
        circuits.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
        assertThat(finds("state:OPEN")).isTrue();
        assertThat(finds("state:closed,open")).isTrue();
        assertThat(finds("-state:closed state:held")).isTrue();
    }

    @Test
    void why_it_is_as_it_is_and_what_it_follows() {
        assertThat(finds("cause:failure_streak")).isFalse();
        circuits.getOrCreate(PLANNER).recordFailure(FailureKind.OVERLOADED);
        assertThat(finds("kind:overloaded cause:failure_streak")).isTrue();
        assertThat(finds("kind:OVER*")).isTrue();
        assertThat(finds("kind:TIMEOUT")).isFalse();
        assertThat(finds("by:ada")).as("nobody did it").isFalse();
        circuits.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "Ada L (key k-1)"));
        assertThat(finds("by:\"ada l\"")).as("without the bracket").isTrue();
        assertThat(finds("by:\"ada l (key k-1)\"")).isTrue();
        assertThat(finds("by:ada")).as("whole").isFalse();
        assertThat(finds("by:ada*")).isTrue();
        assertThat(finds("cause:override")).isTrue();
        circuits.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "bob"));
        assertThat(finds("by:bob")).isTrue();
        assertThat(finds("policy:default")).isTrue();
        circuits.putPolicy("acme", "plan*", CircuitBreakerConfig.defaults());
        assertThat(finds("policy:plan*")).isTrue();
        assertThat(finds("policy:default")).isFalse();
    }

    @Test
    void what_its_agent_depends_on_is_described_by_and_how_it_is() {
        assertThat(finds("dep:model:atlas")).isTrue();
        assertThat(finds("dep:model:*")).isTrue();
        assertThat(finds("dep:atlas")).as("whole").isFalse();
        assertThat(finds("Team=Billing")).isTrue();
        assertThat(finds("team:billing")).isTrue();
        assertThat(finds("team=bill*")).isTrue();
        assertThat(finds("team=\"R&D, East\",billing")).isTrue();
        assertThat(finds("team=search")).isFalse();
        assertThat(finds("owner=billing")).isFalse();
        assertThat(finds("health:degraded")).isTrue();
        assertThat(finds("health:well")).isFalse();
        assertThat(FleetQuery.parse("health:well").matches(bare("planner-1"))).isTrue();
        assertThat(FleetQuery.parse("dep:model:atlas").matches(bare("planner-1")))
                .as("nobody knows what it depends on")
                .isFalse();
        assertThat(FleetQuery.parse("team=billing").matches(bare("planner-1"))).isFalse();
    }

    @Test
    void what_cannot_be_is_refused_with_what_would_be_right() {
        refused("state:broken", "there are open, half_open, closed, held");
        refused("state:opem", "Did you mean state:open?");
        refused("kind:TIMEOT", "Did you mean kind:TIMEOUT?");
        refused("cause:x", "there is no such cause");
        refused("health:ill", "there is no such health");
        refused("  ", "at least one word");
        refused("kind:", "needs a kind of failure, such as kind:LOOP");
        refused("dep:", "needs a value");
        refused("a ".repeat(21), "at most 20 words");
        refused("a".repeat(1_025), "at most 1024 characters");
        assertThatThrownBy(() -> FleetQuery.named(" ")).isInstanceOf(Problem.class);
    }

    private static void refused(String query, String detail) {
        assertThatThrownBy(() -> FleetQuery.parse(query)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(400);
            assertThat(problem).hasMessageContaining(detail);
        });
    }

    private boolean finds(String query) {
        Instant now = Instant.parse("2027-01-31T03:00:00Z");
        Agent agent = new Agent(
                PLANNER,
                null,
                Map.of("team", "billing"),
                now,
                now,
                new TreeSet<>(List.of("model:atlas", "tool:search")));
        return FleetQuery.parse(query)
                .matches(new Member(new Known(circuits.snapshot(PLANNER), false), agent, HealthStatus.DEGRADED));
    }

    private Member bare(String name) {
        return new Member(new Known(circuits.snapshot(new CircuitId("acme", name)), false), null, null);
    }
}
