package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, word for word: what was wrong, the value, what is allowed. */
class BadInputTest {
    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    private static List<String> problemsOf(ThrowingCallable call) {
        InvalidSettingsException[] seen = new InvalidSettingsException[1];
        assertThatThrownBy(call).isInstanceOfSatisfying(InvalidSettingsException.class, invalid -> seen[0] = invalid);
        return seen[0].problems();
    }

    @Nested
    class Ids {
        @Test
        void a_name_must_not_be_empty_or_blank() {
            refused(() -> CircuitId.of(""), "A circuit's name must not be empty or blank");
            refused(() -> CircuitId.of(" \t"), "A circuit's name must not be empty or blank");
            refused(() -> new CircuitId("", "x"), "A circuit's organization must not be empty or blank");
            assertThatThrownBy(() -> CircuitId.of(null)).hasMessage("A circuit's name must not be null");
        }

        @Test
        void a_name_must_not_be_too_long() {
            assertThat(CircuitId.of("n".repeat(256)).name()).hasSize(256);
            refused(
                    () -> CircuitId.of("n".repeat(257)),
                    "A circuit's name may have at most 256 characters, but this one has 257: '" + "n".repeat(40)
                            + "...'");
            refused(
                    () -> new CircuitId("o".repeat(129), "x"),
                    "A circuit's organization may have at most 128 characters, but this one has 129: '" + "o".repeat(40)
                            + "...'");
        }

        @Test
        void a_name_must_not_hold_control_characters() {
            refused(
                    () -> CircuitId.of("plan\nner"),
                    "A circuit's name must not hold control characters, but has U+000A at position 4");
            refused(
                    () -> new CircuitId("a\u0085", "x"),
                    "A circuit's organization must not hold control characters, but has U+0085 at position 1");
        }

        @Test
        void everything_else_is_a_name() {
            assertThat(CircuitId.of("агент/7 % 🦊 model:kimi-k2")).hasToString("агент/7 % 🦊 model:kimi-k2");
            assertThat(new CircuitId("acme", "planner")).hasToString("acme/planner");
        }

        @Test
        void ids_are_ordered_by_organization_and_then_by_name() {
            assertThat(List.of(new CircuitId("a", "z"), new CircuitId("b", "a"), new CircuitId("b", "b")))
                    .isSorted();
        }
    }

    @Nested
    class Windows {
        @Test
        void of_calls_hold_1_to_100_000() {
            refused(() -> Window.ofCalls(0), "A window of calls must hold 1 to 100000 calls, but was 0");
            refused(() -> Window.ofCalls(100_001), "A window of calls must hold 1 to 100000 calls, but was 100001");
            assertThat(Window.ofCalls(100_000)).hasToString("last 100000 calls");
        }

        @Test
        void of_time_last_10_ms_to_7_days() {
            refused(
                    () -> Window.ofTime(Duration.ofNanos(9_999_999)),
                    "A window of time must last 10 ms to 7 days, but was PT0.009999999S");
            refused(
                    () -> Window.ofTime(Duration.ofDays(7).plusNanos(1)),
                    "A window of time must last 10 ms to 7 days, but was PT168H0.000000001S");
            assertThat(Window.ofTime(Duration.ofDays(7))).hasToString("7d");
        }

        @Test
        void say_what_they_hold() {
            assertThat(Window.ofCalls(20)).hasToString("last 20 calls");
            assertThat(Window.ofCalls(1)).hasToString("last call");
            assertThat(Window.ofTime(Duration.ofSeconds(60))).hasToString("1m");
        }

        @Test
        void are_of_one_or_the_other() {
            refused(
                    () -> new Window(Duration.ofMinutes(1), 5),
                    "A window is of time or of calls, but was given 1m and 5");
        }
    }

    @Nested
    class Overrides {
        @Test
        void need_an_actor() {
            refused(() -> ManualOverride.of(OverrideAction.OPEN, " "), "An override needs an actor: who makes it");
            refused(
                    () -> ManualOverride.of(OverrideAction.OPEN, "a".repeat(257)),
                    "An actor may have at most 256 characters, but this one has 257");
            assertThat(ManualOverride.of(OverrideAction.OPEN, "a".repeat(256)).actor())
                    .hasSize(256);
        }

        @Test
        void need_a_short_reason_or_none() {
            refused(
                    () -> ManualOverride.of(OverrideAction.OPEN, "ada").because("r".repeat(1_025)),
                    "A reason may have at most 1024 characters, but this one has 1025");
            assertThat(ManualOverride.of(OverrideAction.OPEN, "ada")
                            .because("r".repeat(1_024))
                            .reason())
                    .hasSize(1_024);
        }

        @Test
        void can_be_shown_in_one_list_with_others() {
            refused(
                    () -> ManualOverride.of(OverrideAction.OPEN, "\u0000ada"),
                    "An actor must not hold control characters, format characters or separators of lines, but has"
                            + " U+0000 at position 0");
            refused(
                    () -> ManualOverride.of(OverrideAction.OPEN, "ada").because("be\u0007cause"),
                    "A reason must not hold control characters, format characters or separators of lines, but has"
                            + " U+0007 at position 2");
            assertThat(ManualOverride.of(OverrideAction.OPEN, "ada")
                            .because("two\n\tlines")
                            .reason())
                    .isEqualTo("two\n\tlines");
        }

        @ParameterizedTest
        @CsvSource({"OPEN", "CLOSE", "RESET", "RELEASE", "PROBE_NOW"})
        void end_only_if_they_are_holds(OverrideAction action) {
            refused(
                    () -> ManualOverride.of(action, "ada").until(Instant.EPOCH),
                    "Only a hold can end at 1970-01-01T00:00:00Z, but the action is " + action);
        }
    }

    @Nested
    class Outcomes {
        @Test
        void have_no_negative_durations() {
            refused(
                    () -> Outcome.success().took(Duration.ofNanos(-1)),
                    "An outcome's duration must not be negative, but was PT-0.000000001S");
            refused(
                    () -> Outcome.cancelled().retryAfter(Duration.ofSeconds(-5)),
                    "An outcome's Retry-After must not be negative, but was PT-5S");
        }

        @Test
        void that_are_successes_carry_no_details_of_failures() {
            assertThatThrownBy(() -> Outcome.success().retryAfter(Duration.ZERO))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Retry-After belongs to a failure, but this outcome is a success");
            assertThatThrownBy(() -> Outcome.success().attributedTo("model:kimi"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "A circuit that it is attributed to belongs to a failure, but this outcome is a success");
        }

        @Test
        void say_what_they_are() {
            assertThat(Outcome.success()).hasToString("success");
            assertThat(Outcome.failure(FailureKind.RATE_LIMITED)
                            .took(Duration.ofSeconds(2))
                            .retryAfter(Duration.ofSeconds(9))
                            .attributedTo("key:one"))
                    .hasToString("RATE_LIMITED after 2s, retry after 9s, attributed to key:one")
                    .isEqualTo(Outcome.failure(FailureKind.RATE_LIMITED)
                            .attributedTo("key:one")
                            .retryAfter(Duration.ofSeconds(9))
                            .took(Duration.ofSeconds(2)));
        }
    }

    @Nested
    class Guards {
        private final Lab lab = new Lab();

        @Test
        void need_a_positive_timeout() {
            Guard guard = lab.circuits.guard("agent");
            refused(() -> guard.withTimeout(Duration.ZERO), "A timeout must be longer than zero, but was 0s");
            refused(
                    () -> guard.withTimeout(Duration.ofSeconds(-1)),
                    "A timeout must be longer than zero, but was PT-1S");
        }

        @Test
        void need_names_for_what_they_depend_on() {
            refused(
                    () -> lab.circuits.guard("agent").dependingOn("model:kimi", ""),
                    "A circuit's name must not be empty or blank");
        }
    }

    @Nested
    class Managers {
        private final ManagerBuilder builder = CircuitBreakerManager.builder();

        @Test
        void refuse_what_cannot_be() {
            refused(
                    () -> builder.maxCircuitsPerOrganization(0),
                    "maxCircuitsPerOrganization must be at least 1, but was 0");
            refused(() -> builder.listenerCapacity(-1), "listenerCapacity must be at least 1, but was -1");
            refused(
                    () -> builder.evictAfter(Duration.ofSeconds(59)),
                    "evictAfter must be 1 minute to 11000 days, but was 59s");
            refused(
                    () -> builder.evictAfter(Duration.ofDays(11_000).plusNanos(1)),
                    "evictAfter must be 1 minute to 11000 days, but was PT264000H0.000000001S");
            refused(() -> builder.generation(-1), "generation must be 0 to 2147483647, but was -1");
            refused(() -> builder.generation(1L << 31), "generation must be 0 to 2147483647, but was 2147483648");
        }

        @Test
        void take_every_bound_itself_and_go_on_with_the_same_builder() {
            assertThat(builder.evictAfter(Duration.ofMinutes(1))
                            .evictAfter(Duration.ofDays(11_000))
                            .generation(0)
                            .generation(Integer.MAX_VALUE)
                            .maxCircuitsPerOrganization(1)
                            .listenerCapacity(1)
                            .classifier(FailureClassifier.standard())
                            .probe("*", id -> true))
                    .isSameAs(builder);
        }

        @Test
        void refuse_patterns_that_are_none() {
            refused(
                    () -> builder.policy(" ", CircuitBreakerConfig.defaults()),
                    "A pattern must not be empty; '*' stands for every name");
            refused(
                    () -> builder.probe("*".repeat(257), id -> true),
                    "A pattern may have at most 256 characters, but this one has 257");
            assertThat(new NamePattern("*".repeat(256)).matches("x")).isTrue();
            try (CircuitBreakerManager circuits = builder.build()) {
                refused(
                        () -> circuits.putPolicy("", CircuitBreakerConfig.defaults()),
                        "A pattern must not be empty; '*' stands for every name");
            }
        }
    }

    @Nested
    class Configurations {
        @Test
        void report_one_mistake_with_name_value_and_what_is_allowed() {
            refused(
                    () -> CircuitBreakerConfig.builder().failureThreshold(0).build(),
                    "Invalid setting: failureThreshold = 0: must be 1 to 1000000");
        }

        @Test
        void report_all_mistakes_at_once() {
            ThrowingCallable call = () -> CircuitBreakerConfig.builder()
                    .failureThreshold(-1)
                    .failureRateThreshold(50.0)
                    .minRequestsForRate(0)
                    .cooldown(Duration.ZERO)
                    .cooldownMultiplier(0.5)
                    .cooldownMax(Duration.ofDays(366))
                    .cooldownJitter(Double.NaN)
                    .retryAfterMax(Duration.ofSeconds(-1))
                    .halfOpenMaxRequests(2)
                    .trialsAtOnce(3)
                    .successThreshold(4)
                    .trialTimeout(Duration.ZERO)
                    .slowCallDuration(Duration.ZERO)
                    .slowCallRateThreshold(0.0)
                    .build();

            assertThat(problemsOf(call))
                    .containsExactly(
                            "failureThreshold = -1: must be 1 to 1000000",
                            "failureRateThreshold = 50.0: must be a fraction above 0 and at most 1",
                            "minRequestsForRate = 0: must be 1 to 1000000",
                            "cooldown = 0s: must be 1ms to 365d",
                            "cooldownMultiplier = 0.5: must be 1 to 100",
                            "cooldownMax = 366d: must be 1ms to 365d",
                            "cooldownJitter = NaN: must be 0 to 1",
                            "retryAfterMax = PT-1S: must be 1ms to 365d",
                            "trialsAtOnce = 3: must be 1 to 2",
                            "successThreshold = 4: must be 1 to 2",
                            "trialTimeout = 0s: must be 1ms to 365d",
                            "slowCallDuration = 0s: must be 1ms to 365d",
                            "slowCallRateThreshold = 0.0: must be a fraction above 0 and at most 1");
            assertThatThrownBy(call).hasMessageStartingWith("13 invalid settings: failureThreshold = -1: must be");
        }

        @Test
        void need_both_settings_of_the_slow_rule_or_none() {
            assertThat(problemsOf(() -> CircuitBreakerConfig.builder()
                            .slowCallDuration(Duration.ofSeconds(30))
                            .build()))
                    .containsExactly("slowCallRateThreshold = none: must be given together with slowCallDuration");
            assertThat(problemsOf(() -> CircuitBreakerConfig.builder()
                            .slowCallRateThreshold(0.5)
                            .build()))
                    .containsExactly("slowCallDuration = none: must be given together with slowCallRateThreshold");
        }

        @Test
        void need_a_cap_that_is_no_shorter_than_the_cooldown() {
            assertThat(problemsOf(() -> CircuitBreakerConfig.builder()
                            .cooldown(Duration.ofMinutes(10))
                            .cooldownMax(Duration.ofMinutes(5))
                            .build()))
                    .containsExactly("cooldownMax = 5m: must be 10m to 365d");
        }

        @Test
        void need_settings_of_a_probe_within_their_ranges() {
            assertThat(problemsOf(() -> new ProbeSettings(Duration.ZERO, 0, Duration.ZERO, Duration.ofDays(366), 11)))
                    .containsExactly(
                            "probe.interval = 0s: must be 1ms to 365d",
                            "probe.needed = 0: must be 1 to 100",
                            "probe.spacing = 0s: must be 1ms to 365d",
                            "probe.realTrialAfter = 366d: must be 1ms to 365d",
                            "probe.suspicion = 11: must be 0 to 10");
        }

        @Test
        void take_every_bound_itself() {
            CircuitBreakerConfig.builder()
                    .failureThreshold(1_000_000)
                    .failureRateThreshold(1.0)
                    .minRequestsForRate(1)
                    .cooldown(Duration.ofMillis(1))
                    .cooldownMultiplier(100)
                    .cooldownMax(Duration.ofDays(365))
                    .cooldownJitter(1)
                    .retryAfterMax(Duration.ofMillis(1))
                    .halfOpenMaxRequests(1_000)
                    .successThreshold(1_000)
                    .trialTimeout(Duration.ofDays(365))
                    .build();
        }
    }

    @Nested
    class SettingsByName {
        @Test
        void report_every_setting_that_is_unknown_of_the_wrong_type_or_out_of_its_range() {
            Map<String, @Nullable Object> settings = new HashMap<>();
            settings.put("failure_threshold", "five");
            settings.put("min_requests_for_rate", null);
            settings.put("window", "60");
            settings.put("cooldown", "soon");
            settings.put("cooldown_max_ms", 1.5);
            settings.put("cooldown_jitter", 2);
            settings.put("scope", "galaxy");
            settings.put("failure_kinds", Map.of("TIMEOUT", "shrug", "TIMEOOT", "COUNT"));
            settings.put("probe", Map.of("needed", 0, "color", "red"));
            settings.put("cool_down", "60s");
            settings.put("cooldown_multiplier", null);
            settings.put("retry_after_max", null);

            assertThat(problemsOf(() -> PolicySettings.read(settings)))
                    .containsExactlyInAnyOrder(
                            "failure_threshold = five: must be a whole number",
                            "min_requests_for_rate = null: must be a whole number",
                            "window = 60: must be a duration with its unit, such as 500ms, 60s, 4m, 1h or 1d",
                            "cooldown = soon: must be a duration with its unit, such as 500ms, 60s, 4m, 1h or 1d",
                            "cooldown_max_ms = 1.5: must be a whole number of milliseconds",
                            "cooldown_jitter = 2.0: must be 0 to 1",
                            "scope = galaxy: must be one of LOCAL, SHARED",
                            "failure_kinds.TIMEOUT = shrug: must be one of COUNT, TRIP, ANSWERED, IGNORE",
                            "failure_kinds.TIMEOOT = COUNT: must be called failure_kinds.TIMEOUT, if that is what is"
                                    + " meant; there is no setting of this name",
                            "probe.needed = 0: must be 1 to 100",
                            "probe.color = red: must be left out, since there is no setting of this name",
                            "cool_down = 60s: must be called cooldown, if that is what is meant; there is no setting"
                                    + " of this name",
                            "cooldown_multiplier = null: must be a number",
                            "retry_after_max = null: must be a duration with its unit, such as 500ms, 60s, 4m, 1h or"
                                    + " 1d");
        }

        @Test
        void of_a_section_are_a_map() {
            assertThat(problemsOf(() -> PolicySettings.read(Map.of("probe", "often", "failure_kinds", 3))))
                    .containsExactlyInAnyOrder(
                            "probe = often: must be a map of settings", "failure_kinds = 3: must be a map of settings");
        }

        @Test
        void are_written_in_milliseconds_where_that_loses_nothing() {
            Map<String, @Nullable Object> written = PolicySettings.write(CircuitBreakerConfig.builder()
                    .cooldown(Duration.ofMillis(1_500))
                    .trialTimeout(Duration.ofNanos(1_500_001))
                    .build());

            assertThat(written)
                    .containsEntry("cooldown_ms", 1_500L)
                    .containsEntry("trial_timeout", "PT0.001500001S")
                    .containsEntry("slow_call_duration_ms", null)
                    .doesNotContainKeys("cooldown", "trial_timeout_ms");
        }

        @Test
        void know_the_built_in_policies_only() {
            refused(
                    () -> PolicySettings.read(Map.of("base", "brave")),
                    "Invalid setting: base = brave: must be one of default, recommended, recommended+probe,"
                            + " upstream, upstream+probe, attempts");
        }

        @Test
        void are_given_once() {
            refused(
                    () -> PolicySettings.read(Map.of("cooldown", "60s", "cooldown_ms", 60_000)),
                    "Invalid setting: cooldown = 60s: must be given once, but there is cooldown_ms = 60000 as well");
        }

        @Test
        void report_windows_that_are_out_of_range() {
            refused(
                    () -> PolicySettings.read(Map.of("window", "1ms")),
                    "Invalid setting: window = 1ms: must be 10ms to 7d");
            refused(
                    () -> PolicySettings.read(Map.of("window_calls", 0)),
                    "Invalid setting: window_calls = 0: must be 1 to 100000");
        }

        @ParameterizedTest
        @CsvSource({"500ms, PT0.5S", "60s, PT1M", "' 4 M ', PT4M", "1h, PT1H", "1d, PT24H", "PT2M30S, PT2M30S"})
        void read_durations_with_their_unit(String written, Duration expected) {
            assertThat(PolicySettings.read(Map.of("trial_timeout", written)).trialTimeout())
                    .isEqualTo(expected);
        }

        @Test
        void that_are_null_turn_a_rule_off() {
            Map<String, @Nullable Object> settings = new HashMap<>();
            settings.put("failure_threshold", null);
            settings.put("failure_rate_threshold", null);
            settings.put("probe", null);

            CircuitBreakerConfig config = PolicySettings.read(settings);

            assertThat(config.failureThreshold()).isNull();
            assertThat(config.failureRateThreshold()).isNull();
        }

        @Test
        void start_from_the_base_that_they_name() {
            assertThat(PolicySettings.read(Map.of("base", "upstream", "cooldown", "90s")))
                    .isEqualTo(CircuitBreakerConfig.upstream().toBuilder()
                            .cooldown(Duration.ofSeconds(90))
                            .build());
            assertThat(PolicySettings.read(Map.of())).isEqualTo(CircuitBreakerConfig.defaults());
        }

        @Test
        void read_as_they_were_written() {
            for (CircuitBreakerConfig each : List.of(
                    CircuitBreakerConfig.defaults(),
                    CircuitBreakerConfig.recommendedWithProbe(),
                    CircuitBreakerConfig.upstreamWithProbe(),
                    CircuitBreakerConfig.builder()
                            .failureThreshold(null)
                            .failureKind(FailureKind.TIMEOUT, Treatment.TRIP)
                            .scope(Scope.SHARED)
                            .build())) {
                assertThat(PolicySettings.read(PolicySettings.write(each))).isEqualTo(each);
            }
        }
    }
}
