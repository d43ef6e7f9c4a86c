package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which policy is in effect for which name, also while calls run. */
class PolicyTest {
    private final Lab lab = new Lab();

    @ParameterizedTest
    @CsvSource({
        "planner, planner, true",
        "planner, planner2, false",
        "planner, Planner, false",
        "*, anything, true",
        "model:*, model:kimi, true",
        "model:*, model:, true",
        "model:*, tool:web, false",
        "*-prod, eu-prod, true",
        "*-prod, eu-prod-2, false",
        "a*b*c, axxbyyc, true",
        "a*b*c, abc, true",
        "a*b*c, acb, false",
        "*a*a*, banana, true",
        "**, x, true",
        "a.c, abc, false",
        "a?c, abc, false",
    })
    void a_pattern_matches_with_stars_for_any_characters(String pattern, String name, boolean matches) {
        assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
    }

    @Test
    void a_pattern_with_many_stars_is_decided_quickly() {
        NamePattern hostile = new NamePattern("*a".repeat(100));
        assertThat(hostile.matches("a".repeat(99) + "b".repeat(150))).isFalse();
    }

    @Test
    void patterns_are_ordered_by_how_specific_they_are() {
        List<NamePattern> patterns = new ArrayList<>();
        for (String each : List.of("a", "planner", "model:kimi-*", "model:*", "mo*:*", "tool:*", "*")) {
            patterns.add(new NamePattern(each));
        }
        List<NamePattern> shuffled = new ArrayList<>(patterns);
        Collections.shuffle(shuffled, new Random(7));
        Collections.sort(shuffled);

        assertThat(shuffled)
                .extracting(NamePattern::text)
                .containsExactly("planner", "a", "model:kimi-*", "model:*", "tool:*", "mo*:*", "*");
    }

    @Test
    void the_most_specific_pattern_wins_whatever_the_order_they_were_put_in() {
        lab.circuits.putPolicy("*", streak(9));
        lab.circuits.putPolicy("agent", streak(2));
        lab.circuits.putPolicy("ag*", streak(7));

        lab.fail(2);

        assertThat(lab).isOpen();
        assertThat(lab.circuit.snapshot().policy()).isEqualTo("agent");
        assertThat(lab.circuit.config()).isEqualTo(streak(2));
    }

    @Test
    void the_policies_of_an_organization_win_over_those_for_all() {
        CircuitBreaker acmes = lab.circuits.getOrCreate(new CircuitId("acme", "agent"));
        lab.circuits.putPolicy("agent", streak(2));
        lab.circuits.putPolicy("acme", "*", streak(7));

        assertThat(acmes.config()).isEqualTo(streak(7));
        assertThat(lab.circuit.config()).isEqualTo(streak(2));
        assertThat(lab.circuits.policies("acme")).containsOnlyKeys("*");
        assertThat(lab.circuits.policies()).containsOnlyKeys("agent");
    }

    @Test
    void a_removed_pattern_leaves_its_circuits_to_the_next_one() {
        lab.circuits.putPolicy("*", streak(3));
        lab.circuits.putPolicy("agent", streak(9));
        lab.fail(2);

        lab.circuits.removePolicy("agent");

        assertThat(lab).hasStreak(2);
        lab.fail();
        assertThat(lab).isOpen();

        lab.circuits.removePolicy("*");
        lab.circuits.removePolicy("unknown");
        assertThat(lab.circuit.config()).isEqualTo(CircuitBreakerConfig.defaults());
    }

    @Test
    void a_removed_pattern_of_an_organization_leaves_its_circuits_to_those_for_all() {
        CircuitBreaker acmes = lab.circuits.getOrCreate(new CircuitId("acme", "agent"));
        lab.circuits.putPolicy("agent", streak(2));
        lab.circuits.putPolicy("acme", "agent", streak(7));
        assertThat(acmes.config()).isEqualTo(streak(7));

        lab.circuits.removePolicy("acme", "agent");

        assertThat(acmes.config()).isEqualTo(streak(2));
        assertThat(lab.circuits.policies("acme")).isEmpty();
        assertThat(lab.circuits.policies()).containsOnlyKeys("agent");
    }

    @Test
    void a_new_default_governs_circuits_without_a_pattern() {
        lab.circuits.putPolicy("other", streak(9));
        lab.circuits.putDefaultPolicy(streak(1));

        assertThat(lab.circuits.defaultPolicy()).isEqualTo(streak(1));
        assertThat(lab.circuits.getOrCreate("other").config()).isEqualTo(streak(9));
        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void patterns_of_the_builder_govern_from_the_start() {
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.policy("ag*", streak(1)));
        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void a_policy_put_before_the_circuit_is_made_governs_it() {
        lab.circuits.putPolicy("late*", streak(1));
        CircuitBreaker late = lab.circuits.getOrCreate("latecomer");
        late.recordFailure(FailureKind.ERROR);

        assertThat(late).isOpen();
    }

    @Test
    void the_policies_listed_are_the_most_specific_first_and_cannot_be_changed() {
        lab.circuits.putPolicy("*", streak(3));
        lab.circuits.putPolicy("agent", streak(4));

        assertThat(lab.circuits.policies().keySet()).containsExactly("agent", "*");
        assertThat(lab.circuits.policies()).isUnmodifiable();
    }

    @Test
    void the_built_in_policies_are_those_of_the_design() {
        CircuitBreakerConfig usual = CircuitBreakerConfig.defaults();
        assertThat(usual.failureThreshold()).isEqualTo(5);
        assertThat(usual.failureRateThreshold()).isEqualTo(0.5);
        assertThat(usual.minRequestsForRate()).isEqualTo(10);
        assertThat(usual.window()).isEqualTo(Window.ofTime(Lab.seconds(60)));
        assertThat(usual.cooldown()).isEqualTo(Lab.seconds(60));
        assertThat(usual.cooldownMultiplier()).isEqualTo(1);
        assertThat(usual.cooldownMax()).isEqualTo(Lab.seconds(240));
        assertThat(usual.cooldownJitter()).isZero();
        assertThat(usual.retryAfterMax()).isEqualTo(Lab.seconds(3600));
        assertThat(usual.halfOpenMaxRequests()).isEqualTo(3);
        assertThat(usual.trialsAtOnce()).isEqualTo(3);
        assertThat(usual.successThreshold()).isEqualTo(2);
        assertThat(usual.trialTimeout()).isEqualTo(Lab.seconds(120));
        assertThat(usual.slowCallDuration()).isNull();
        assertThat(usual.slowCallRateThreshold()).isNull();
        assertThat(usual.failureKinds()).isEmpty();
        assertThat(usual.probe()).isNull();
        assertThat(usual.scope()).isEqualTo(Scope.LOCAL);

        CircuitBreakerConfig recommended = CircuitBreakerConfig.recommended();
        assertThat(recommended.failureThreshold()).isEqualTo(3);
        assertThat(recommended.window()).isEqualTo(Window.ofCalls(20));
        assertThat(recommended.cooldownMultiplier()).isEqualTo(2);
        assertThat(recommended.cooldownMax()).isEqualTo(Lab.seconds(240));
        assertThat(recommended.cooldownJitter()).isEqualTo(0.1);

        CircuitBreakerConfig upstream = CircuitBreakerConfig.upstream();
        assertThat(upstream.failureThreshold()).isEqualTo(5);
        assertThat(upstream.cooldownMax()).isEqualTo(Lab.seconds(120));
        assertThat(upstream.trialsAtOnce()).isEqualTo(1);

        assertThat(CircuitBreakerConfig.recommendedWithProbe().cooldown()).isEqualTo(Lab.seconds(30));
        assertThat(CircuitBreakerConfig.upstreamWithProbe().cooldown()).isEqualTo(Lab.seconds(15));
        assertThat(CircuitBreakerConfig.upstreamWithProbe().probe())
                .isEqualTo(new ProbeSettings(Lab.seconds(15), 5, Lab.seconds(1), Lab.seconds(3600), 2));
    }

    @Test
    void what_follows_from_a_setting_goes_on_following_it() {
        CircuitBreakerConfig longer = CircuitBreakerConfig.defaults().toBuilder()
                .cooldown(Lab.seconds(600))
                .halfOpenMaxRequests(7)
                .build();

        assertThat(longer.cooldownMax()).isEqualTo(Lab.seconds(600));
        assertThat(longer.trialTimeout()).isEqualTo(Lab.seconds(600));
        assertThat(longer.trialsAtOnce()).isEqualTo(7);
    }

    private static CircuitBreakerConfig streak(int failures) {
        return Lab.settings().failureThreshold(failures).build();
    }

    @Test
    void a_pattern_with_the_same_window_leaves_the_calls_in_it() {
        CircuitBreakerConfig last20 = Lab.settings().window(Window.ofCalls(20)).build();
        lab.circuits.putPolicy("ag*", last20);
        lab.succeed(3).fail(2);

        lab.govern(last20.toBuilder().failureThreshold(9).build());
        lab.fail();

        assertThat(lab).hasStreak(3).hasCounted(6, 3);
    }

    @Test
    void a_thread_that_changed_policies_leaves_the_table_to_others() {
        lab.circuits.putPolicy("ag*", CircuitBreakerConfig.upstream());
        lab.circuits.putDefaultPolicy(CircuitBreakerConfig.recommended());

        CompletableFuture<?> other = CompletableFuture.runAsync(() -> {
            lab.circuits.removePolicy("ag*");
            lab.circuits.putDefaultPolicy(CircuitBreakerConfig.defaults());
        });

        assertThat(other).succeedsWithin(Duration.ofSeconds(30));
        assertThat(lab.circuit.config()).isEqualTo(CircuitBreakerConfig.defaults());
    }
}
