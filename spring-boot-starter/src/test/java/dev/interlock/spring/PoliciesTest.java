package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.InvalidSettingsException;
import dev.interlock.ManualTimeSource;
import dev.interlock.TimeSource;
import dev.interlock.Treatment;
import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Policies of the properties: what they become, what is wrong with them, and how they change while calls go on. */
class PoliciesTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class));

    @Test
    void the_most_specific_pattern_wins_and_each_setting_is_one_of_files() {
        runner.withPropertyValues(
                        "interlock.default-policy.base=recommended",
                        "interlock.policies[0].pattern=model:*",
                        "interlock.policies[0].base=upstream",
                        "interlock.policies[0].cooldown=90s",
                        "interlock.policies[0].cooldowns.quota_exhausted=1h",
                        "interlock.policies[0].failure-kinds.timeout=trip",
                        "interlock.policies[0].alternatives=model:kimi-k2,model:gpt-5",
                        "interlock.policies[1].pattern=model:kimi-k2",
                        "interlock.policies[1].failure-threshold=0",
                        "interlock.policies[1].failure-rate-threshold=0.25",
                        "interlock.policies[1].window-calls=40",
                        "interlock.policies[1].slow-call-duration=30s",
                        "interlock.policies[1].slow-call-rate-threshold=0.5")
                .run(context -> {
                    CircuitBreakerManager circuits = context.getBean(CircuitBreakerManager.class);
                    assertThat(circuits.defaultPolicy()).isEqualTo(CircuitBreakerConfig.recommended());
                    assertThat(circuits.getOrCreate("model:glm").config())
                            .isEqualTo(CircuitBreakerConfig.upstream().toBuilder()
                                    .cooldown(Duration.ofSeconds(90))
                                    .cooldown(FailureKind.QUOTA_EXHAUSTED, Duration.ofHours(1))
                                    .failureKind(FailureKind.TIMEOUT, Treatment.TRIP)
                                    .alternatives("model:kimi-k2", "model:gpt-5")
                                    .build());
                    CircuitBreakerConfig kimi =
                            circuits.getOrCreate("model:kimi-k2").config();
                    assertThat(kimi.failureThreshold()).isNull();
                    assertThat(kimi.failureRateThreshold()).isEqualTo(0.25);
                    assertThat(kimi.window().calls()).isEqualTo(40);
                    assertThat(kimi.slowCallDuration()).isEqualTo(Duration.ofSeconds(30));
                });
    }

    @Test
    void all_mistakes_are_shown_at_once_by_the_names_of_the_properties() {
        runner.withPropertyValues(
                        "interlock.default-policy.cooldown=-1s",
                        "interlock.policies[0].failure-rate-threshold=50",
                        "interlock.policies[1].pattern=a",
                        "interlock.policies[2].pattern=a",
                        "interlock.policies[2].base=recomended")
                .run(context -> {
                    InvalidSettingsException invalid =
                            (InvalidSettingsException) rootCause(context.getStartupFailure());
                    assertThat(invalid.problems())
                            .anyMatch(each -> each.startsWith("interlock.default-policy.cooldown = "))
                            .anyMatch(each -> each.startsWith("interlock.policies[0].failure-rate-threshold = 50"))
                            .anyMatch(each -> each.startsWith("interlock.policies[0].pattern: must be set"))
                            .anyMatch(each -> each.equals(
                                    "interlock.policies[2].pattern = a: must be a pattern that no other policy has"))
                            .anyMatch(
                                    each -> each.startsWith("interlock.policies[2].base = recomended: must be one of"));
                    FailureAnalysis shown = new InvalidSettingsAnalyzer().analyze(invalid);
                    assertThat(shown.getDescription()).contains(invalid.problems());
                });
    }

    @Test
    void a_setting_that_there_is_not_is_refused() {
        runner.withPropertyValues("interlock.policies[0].pattern=a", "interlock.policies[0].cooldwn=60s")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("interlock.policies[0].cooldwn"));
    }

    private static Throwable rootCause(Throwable thrown) {
        Throwable each = thrown;
        while (each.getCause() != null) {
            each = each.getCause();
        }
        return each;
    }

    /** Every setting that files have, properties have. */
    @Test
    void no_setting_is_missing() {
        List<String> inFiles = PolicySettings.write(CircuitBreakerConfig.recommended()).keySet().stream()
                .map(name -> name.replaceAll("_ms$", "").replace('_', '-'))
                .filter(name -> !name.equals("probe")) // comes with its base: a probe is code
                .toList();
        List<String> known = java.util.Arrays.stream(PolicyProperties.class.getDeclaredFields())
                .map(field -> field.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT))
                .toList();
        assertThat(known).containsAll(inFiles);
    }

    @Test
    void policies_are_read_again_and_no_circuit_loses_its_state() {
        ManualTimeSource time = new ManualTimeSource();
        runner.withBean(TimeSource.class, () -> time)
                .withPropertyValues("interlock.policies[0].pattern=old-*", "interlock.refresh-interval=1h")
                .run(context -> {
                    CircuitBreakerManager circuits = context.getBean(CircuitBreakerManager.class);
                    circuits.getOrCreate("planner").recordFailure(FailureKind.LOOP);
                    circuits.getOrCreate("writer").recordFailure(FailureKind.ERROR);
                    CircuitSnapshot before = circuits.snapshot(PLANNER);
                    Map<String, Object> source = source(context.getSourceApplicationContext());
                    PolicyRefresher refresher = context.getBean(PolicyRefresher.class);
                    assertThat(refresher.refresh()).isEmpty();

                    source.put("interlock.policies[0].pattern", "p*");
                    source.put("interlock.policies[0].cooldown", "7m");
                    source.put("interlock.policies[0].cooldown-max", "8m");
                    source.put("interlock.default-policy.failure-threshold", "2");
                    assertThat(refresher.refresh())
                            .containsExactly("default policy changed", "policy p* added", "policy old-* removed");

                    CircuitSnapshot after = circuits.snapshot(PLANNER);
                    assertThat(after.state()).isEqualTo(CircuitState.OPEN);
                    assertThat(after.epoch()).isEqualTo(before.epoch());
                    assertThat(after.policy()).isEqualTo("p*");
                    assertThat(circuits.policies()).containsOnlyKeys("p*");
                    circuits.getOrCreate("writer").recordFailure(FailureKind.ERROR);
                    assertThat(circuits.snapshot(CircuitId.of("writer")).state())
                            .isEqualTo(CircuitState.OPEN);

                    source.put("interlock.policies[0].cooldown", "-1s");
                    assertThatThrownBy(refresher::refresh).isInstanceOf(InvalidSettingsException.class);
                    assertThat(circuits.getOrCreate("planner").config().cooldown())
                            .isEqualTo(Duration.ofMinutes(7));

                    source.put("interlock.policies[0].cooldown", "6m");
                    context.publishEvent(
                            new org.springframework.cloud.context.environment.EnvironmentChangeEvent(context));
                    assertThat(circuits.getOrCreate("planner").config().cooldown())
                            .isEqualTo(Duration.ofMinutes(6));

                    source.put("interlock.policies[0].cooldown", "5m");
                    time.advance(Duration.ofHours(1));
                    assertThat(circuits.getOrCreate("planner").config().cooldown())
                            .isEqualTo(Duration.ofMinutes(5));
                });
    }

    private static Map<String, Object> source(ConfigurableApplicationContext context) {
        Map<String, Object> source = new HashMap<>();
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("changing", source));
        return source;
    }
}
