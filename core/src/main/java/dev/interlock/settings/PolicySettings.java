package dev.interlock.settings;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureKind;
import dev.interlock.InvalidSettingsException;
import dev.interlock.Mode;
import dev.interlock.ProbeSettings;
import dev.interlock.Scope;
import dev.interlock.Treatment;
import dev.interlock.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A policy as files and requests write it: settings by name.
 *
 * <p>Names are those of {@link CircuitBreakerConfig} in snake_case. A duration is a text with its unit ({@code 500ms},
 * {@code 60s}, {@code 4m}, {@code 1h}, {@code 1d}, or ISO 8601), or, with {@code _ms} after its name, a whole number of
 * milliseconds. {@code null} turns a rule off; what is left out has its default, or the value of the built-in policy
 * that {@code base} names.
 */
public final class PolicySettings {
    private static final List<String> BUILT_IN =
            List.of("default", "recommended", "recommended+probe", "upstream", "upstream+probe", "attempts");
    private static final String COOLDOWNS = "cooldowns";
    private static final String ALTERNATIVES = "alternatives";

    private PolicySettings() {}

    /**
     * Reads a policy.
     *
     * @param settings name to value: numbers, texts, null, true and false, maps for {@code cooldowns}, {@code
     *     failure_kinds} and {@code probe}, and a list for {@code alternatives}
     * @return the settings
     * @throws InvalidSettingsException naming every setting that is unknown, of the wrong type or out of its range
     */
    public static CircuitBreakerConfig read(Map<String, ? extends @Nullable Object> settings) {
        List<String> problems = new ArrayList<>();
        SettingsReader reader = new SettingsReader("", settings, problems);
        CircuitBreakerConfig base = base(reader, problems);
        ConfigBuilder builder = base.toBuilder();
        reader.wholeOrNull("failure_threshold", builder::failureThreshold);
        reader.decimalOrNull("failure_rate_threshold", builder::failureRateThreshold);
        reader.whole("min_requests_for_rate", builder::minRequestsForRate);
        windows(reader, problems, builder);
        reader.duration("cooldown", builder::cooldown);
        reader.decimal("cooldown_multiplier", builder::cooldownMultiplier);
        reader.duration("cooldown_max", builder::cooldownMax);
        reader.decimal("cooldown_jitter", builder::cooldownJitter);
        cooldowns(reader, builder);
        reader.duration("retry_after_min", builder::retryAfterMin);
        reader.duration("retry_after_max", builder::retryAfterMax);
        reader.whole("half_open_max_requests", builder::halfOpenMaxRequests);
        reader.whole("trials_at_once", builder::trialsAtOnce);
        reader.whole("success_threshold", builder::successThreshold);
        reader.duration("trial_timeout", builder::trialTimeout);
        reader.durationOrNull("slow_call_duration", builder::slowCallDuration);
        reader.decimalOrNull("slow_call_rate_threshold", builder::slowCallRateThreshold);
        reader.section("failure_kinds", kinds -> failureKinds(kinds, builder), () -> {});
        reader.whole("min_callers", builder::minCallers);
        reader.yesOrNo("upstream", builder::upstream);
        reader.choice("mode", Mode.values(), builder::mode);
        reader.section("probe", probe -> probe(probe, base.probe(), problems, builder), () -> builder.probe(null));
        reader.choice("scope", Scope.values(), builder::scope);
        reader.names(ALTERNATIVES, builder::alternatives);
        reader.refuseTheRest();
        return build(builder, problems);
    }

    /** The names of the built-in policies. */
    public static List<String> builtInNames() {
        return BUILT_IN;
    }

    /**
     * A built-in policy.
     *
     * @param name {@code default}, {@code recommended}, {@code recommended+probe}, {@code upstream}, {@code upstream+probe} or
     *     {@code attempts}
     * @return its settings, or null if there is none of that name
     */
    public static @Nullable CircuitBreakerConfig builtIn(String name) {
        return switch (name) {
            case "default" -> CircuitBreakerConfig.defaults();
            case "recommended" -> CircuitBreakerConfig.recommended();
            case "recommended+probe" -> CircuitBreakerConfig.recommendedWithProbe();
            case "upstream" -> CircuitBreakerConfig.upstream();
            case "upstream+probe" -> CircuitBreakerConfig.upstreamWithProbe();
            case "attempts" -> CircuitBreakerConfig.attempts();
            default -> null;
        };
    }

    /**
     * Writes a policy whole, so that {@link #read} gives an equal one.
     *
     * @param config the settings
     * @return name to value, durations in milliseconds, or in ISO 8601 where that would cut them; an ordered map that may be changed
     */
    public static Map<String, @Nullable Object> write(CircuitBreakerConfig config) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("failure_threshold", config.failureThreshold());
        settings.put("failure_rate_threshold", config.failureRateThreshold());
        settings.put("min_requests_for_rate", config.minRequestsForRate());
        Duration time = config.window().time();
        if (time != null) {
            put(settings, "window", time);
        } else {
            settings.put("window_calls", config.window().calls());
        }
        put(settings, "cooldown", config.cooldown());
        settings.put("cooldown_multiplier", config.cooldownMultiplier());
        put(settings, "cooldown_max", config.cooldownMax());
        settings.put("cooldown_jitter", config.cooldownJitter());
        putCooldowns(settings, config.cooldowns());
        put(settings, "retry_after_min", config.retryAfterMin());
        put(settings, "retry_after_max", config.retryAfterMax());
        settings.put("half_open_max_requests", config.halfOpenMaxRequests());
        settings.put("trials_at_once", config.trialsAtOnce());
        settings.put("success_threshold", config.successThreshold());
        put(settings, "trial_timeout", config.trialTimeout());
        put(settings, "slow_call_duration", config.slowCallDuration());
        settings.put("slow_call_rate_threshold", config.slowCallRateThreshold());
        Map<String, String> kinds = new LinkedHashMap<>();
        config.failureKinds().forEach((kind, treatment) -> kinds.put(kind.name(), treatment.name()));
        settings.put("failure_kinds", kinds);
        settings.put("min_callers", config.minCallers());
        settings.put("upstream", config.isUpstream());
        settings.put("mode", config.mode().name().toLowerCase(Locale.ROOT));
        ProbeSettings probe = config.probe();
        settings.put("probe", probe == null ? null : write(probe));
        settings.put("scope", config.scope().name().toLowerCase(Locale.ROOT));
        settings.put(ALTERNATIVES, config.alternatives());
        return settings;
    }

    private static Map<String, @Nullable Object> write(ProbeSettings probe) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        put(settings, "interval", probe.interval());
        settings.put("needed", probe.needed());
        put(settings, "spacing", probe.spacing());
        put(settings, "real_trial_after", probe.realTrialAfter());
        settings.put("suspicion", probe.suspicion());
        return settings;
    }

    /** In milliseconds where that loses nothing, else as ISO 8601 has it. */
    private static void put(Map<String, @Nullable Object> settings, String name, @Nullable Duration duration) {
        if (duration == null || isWholeMillis(duration)) {
            settings.put(name + "_ms", duration == null ? null : (Long) duration.toMillis());
        } else {
            settings.put(name, duration.toString());
        }
    }

    private static void putCooldowns(Map<String, @Nullable Object> settings, Map<FailureKind, Duration> cooldowns) {
        boolean whole = cooldowns.values().stream().allMatch(PolicySettings::isWholeMillis);
        Map<String, Object> written = new LinkedHashMap<>();
        cooldowns.forEach((kind, time) -> written.put(kind.name(), whole ? (Object) time.toMillis() : time.toString()));
        settings.put(whole ? COOLDOWNS + "_ms" : COOLDOWNS, written);
    }

    private static boolean isWholeMillis(Duration duration) {
        return duration.toNanosPart() % 1_000_000 == 0;
    }

    private static CircuitBreakerConfig build(ConfigBuilder builder, List<String> problems) {
        CircuitBreakerConfig config = null;
        try {
            config = builder.build();
        } catch (InvalidSettingsException invalid) {
            invalid.problems().forEach(problem -> problems.add(spelt(problem)));
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return Objects.requireNonNull(config);
    }

    /** A name of a circuit that a problem shows is left as it was written. */
    private static String spelt(String problem) {
        return problem.startsWith(ALTERNATIVES) ? problem : Spelling.inFiles(problem);
    }

    private static CircuitBreakerConfig base(SettingsReader reader, List<String> problems) {
        String name = reader.text("base");
        CircuitBreakerConfig base = name == null ? CircuitBreakerConfig.defaults() : builtIn(name);
        if (base == null) {
            problems.add(InvalidSettingsException.problem(
                    "base", String.valueOf(name), "one of " + String.join(", ", BUILT_IN)));
            return CircuitBreakerConfig.defaults();
        }
        return base;
    }

    private static void windows(SettingsReader reader, List<String> problems, ConfigBuilder builder) {
        Duration[] given = new Duration[1];
        reader.duration("window", time -> {
            given[0] = time;
            window(time, problems, builder);
        });
        reader.whole("window_calls", calls -> {
            if (given[0] != null) {
                problems.add(InvalidSettingsException.problem(
                        "window_calls",
                        calls,
                        "left out, since there is window = " + InvalidSettingsException.text(given[0]) + " as well"));
            } else {
                window(calls, problems, builder);
            }
        });
    }

    private static void window(Object extent, List<String> problems, ConfigBuilder builder) {
        try {
            builder.window(extent instanceof Duration time ? Window.ofTime(time) : Window.ofCalls((Integer) extent));
        } catch (IllegalArgumentException outOfRange) {
            problems.add(
                    extent instanceof Duration
                            ? InvalidSettingsException.problem(
                                    "window",
                                    extent,
                                    InvalidSettingsException.text(Window.SHORTEST) + " to "
                                            + InvalidSettingsException.text(Window.LONGEST))
                            : InvalidSettingsException.problem("window_calls", extent, "1 to " + Window.MOST_CALLS));
        }
    }

    /** Kind to duration with its unit, or, as {@code cooldowns_ms}, to milliseconds; no section at all has none. */
    private static void cooldowns(SettingsReader reader, ConfigBuilder builder) {
        List<FailureKind> kinds = List.of(FailureKind.values());
        reader.durations(
                COOLDOWNS,
                kinds.stream().map(FailureKind::name).toList(),
                (kind, time) -> builder.cooldown(FailureKind.valueOf(kind), time),
                () -> kinds.forEach(kind -> builder.cooldown(kind, null)));
    }

    private static void failureKinds(SettingsReader kinds, ConfigBuilder builder) {
        for (FailureKind kind : FailureKind.values()) {
            kinds.choice(kind.name(), Treatment.values(), treatment -> builder.failureKind(kind, treatment));
        }
    }

    private static void probe(
            SettingsReader reader, @Nullable ProbeSettings base, List<String> problems, ConfigBuilder builder) {
        ProbeSettings defaults = base == null ? ProbeSettings.defaults() : base;
        var settings = new Object() {
            Duration interval = defaults.interval();
            int needed = defaults.needed();
            Duration spacing = defaults.spacing();
            Duration realTrialAfter = defaults.realTrialAfter();
            int suspicion = defaults.suspicion();
        };
        reader.duration("interval", value -> settings.interval = value);
        reader.whole("needed", value -> settings.needed = value);
        reader.duration("spacing", value -> settings.spacing = value);
        reader.duration("real_trial_after", value -> settings.realTrialAfter = value);
        reader.whole("suspicion", value -> settings.suspicion = value);
        try {
            builder.probe(new ProbeSettings(
                    settings.interval, settings.needed, settings.spacing, settings.realTrialAfter, settings.suspicion));
        } catch (InvalidSettingsException invalid) {
            invalid.problems().forEach(problem -> problems.add(Spelling.inFiles(problem)));
        }
    }
}
