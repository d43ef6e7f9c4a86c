package dev.interlock.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.benchmarks.IncidentProbes.Fault;
import dev.interlock.replay.Policies;
import dev.interlock.replay.Policy;
import dev.interlock.replay.ReplayException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How well policies decide on incidents, with few of them: what the page says of many stays true. */
class IncidentFiguresTest {
    private static final int INCIDENTS = 16;
    private static final int INCIDENTS_OF_A_FLEET = 5;
    private static final long SEED = 5;

    @Test
    void a_lone_agent_is_protected_as_the_page_says() throws ReplayException {
        Map<String, IncidentTable.Row> rows =
                rows(IncidentWorld.lone("lone", 0.8), "default", "recommended", "resilience4j", "litellm-count");

        assertThat(avoided(rows, "default")).isCloseTo(0.66, within(0.03));
        assertThat(avoided(rows, "recommended")).isCloseTo(0.89, within(0.02));
        assertThat(blocked(rows, "recommended")).isLessThan(0.017);
        assertThat(avoided(rows, "resilience4j")).as("and not 0.6").isCloseTo(0.30, within(0.06));
        assertThat(avoided(rows, "litellm-count")).isCloseTo(0.40, within(0.06));
    }

    @Test
    void twenty_agents_are_protected_by_one_circuit() throws ReplayException {
        IncidentTable.Row upstream = Objects.requireNonNull(
                rows(IncidentWorld.shared("shared", 0.8), "upstream").get("upstream"));

        assertThat(upstream.avoided()).isGreaterThan(0.98);
        assertThat(upstream.blocked()).isLessThan(0.012);
    }

    @Test
    void nobody_can_distinguish_good_from_bad_while_a_fault_is_partial() throws ReplayException {
        IncidentTable.Row recommended = Objects.requireNonNull(
                rows(IncidentWorld.lone("partial", 0.3), "recommended").get("recommended"));

        assertThat(recommended.avoided()).isCloseTo(recommended.blockedInside(), within(0.03));
    }

    @Test
    void probes_protect_better_and_a_log_can_answer_for_them() throws ReplayException {
        IncidentWorld world = IncidentWorld.lone("probed", 0.8);
        Policy policy = Objects.requireNonNull(Policies.find("recommended+probe"));
        IncidentTable.Row truth = IncidentTable.probed(world, "p", policy, Fault.NONE, INCIDENTS, SEED);
        IncidentTable.Row log = IncidentTable.probed(world, "p", policy, null, INCIDENTS, SEED);
        IncidentTable.Row blind = IncidentTable.probed(world, "p", policy, Fault.BLIND, INCIDENTS, SEED);

        assertThat(truth.avoided()).isGreaterThan(0.975);
        assertThat(truth.blocked()).isLessThan(0.005);
        assertThat(log.avoided()).isCloseTo(truth.avoided(), within(0.015));
        assertThat(blind.avoided()).as("no worse than none").isGreaterThan(0.87);
        assertThat(blind.blocked()).isLessThan(0.017);
    }

    @Test
    void a_probe_that_never_worked_costs_nothing() throws ReplayException {
        IncidentWorld world = IncidentWorld.lone("dead", 0.8);
        Policy policy = Objects.requireNonNull(Policies.find("recommended+probe"));
        IncidentTable.Row dead = IncidentTable.probed(world, "p", policy, Fault.DEAD, INCIDENTS, SEED);

        assertThat(dead.avoided()).isGreaterThan(0.87);
        assertThat(dead.blocked()).as("0.13 if it were believed").isLessThan(0.015);
    }

    @Test
    void a_rule_for_slow_calls_sees_an_incident_in_which_nothing_fails() {
        Map<String, Policy> policies = new LinkedHashMap<>();
        policies.put(
                "slow",
                Policy.of(CircuitBreakerConfig.recommended().toBuilder()
                        .slowCallDuration(java.time.Duration.ofSeconds(29))
                        .slowCallRateThreshold(0.5)
                        .build()));
        IncidentTable.Row slow = IncidentTable.play(
                        silent(), IncidentWorld.lone("slow", 0).slow(10), policies, INCIDENTS, SEED)
                .get(0);

        assertThat(slow.blockedInside()).isGreaterThan(0.7);
        assertThat(slow.blocked()).isLessThan(0.03);
    }

    @Test
    void guarded_attempts_refuse_no_good_call_at_a_partial_fault() {
        Map<String, CircuitBreakerConfig> policies = new LinkedHashMap<>();
        policies.put("recommended", CircuitBreakerConfig.recommended());
        policies.put("attempts", CircuitBreakerConfig.attempts());
        Map<String, Double> refused = AttemptFigures.play(silent(), policies, 0.3, INCIDENTS, SEED);

        assertThat(refused.get("attempts")).isLessThanOrEqualTo(0.005);
        assertThat(refused.get("recommended")).isGreaterThan(0.2);
    }

    @Test
    void quantiles_are_those_of_the_recordings() {
        assertThat(Quantiles.incidents().at(0.5) / 60).isCloseTo(72, within(1.0));
        assertThat(Quantiles.incidents().at(0)).isEqualTo(600);
        assertThat(Quantiles.gaps().at(0.5)).isCloseTo(10.2, within(0.1));
        assertThat(Quantiles.durations().at(0.5)).isCloseTo(7.1, within(0.1));
        assertThat(Quantiles.durations().at(0.9)).isCloseTo(29, within(0.1));
        assertThat(Quantiles.durations().at(0.525)).isBetween(7.1, 8.1);
    }

    private static Map<String, IncidentTable.Row> rows(IncidentWorld world, String... names) throws ReplayException {
        Map<String, Policy> policies = new LinkedHashMap<>();
        for (String name : names) {
            policies.put(name, Objects.requireNonNull(Policies.find(name)));
        }
        Map<String, IncidentTable.Row> rows = new LinkedHashMap<>();
        int incidents = world.agents() == 1 ? INCIDENTS : INCIDENTS_OF_A_FLEET;
        IncidentTable.play(silent(), world, policies, incidents, SEED).forEach(row -> rows.put(row.policy(), row));
        return rows;
    }

    private static double avoided(Map<String, IncidentTable.Row> rows, String policy) {
        return Objects.requireNonNull(rows.get(policy)).avoided();
    }

    private static double blocked(Map<String, IncidentTable.Row> rows, String policy) {
        return Objects.requireNonNull(rows.get(policy)).blocked();
    }

    private static PrintStream silent() {
        return new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    }
}
