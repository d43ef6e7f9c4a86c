package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.InvalidSettingsException;
import dev.interlock.ProbeSettings;
import dev.interlock.Scope;
import dev.interlock.server.probes.HttpProbe;
import dev.interlock.server.probes.HttpProbeReader;
import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy as people write it and as it is stored. Immutable.
 *
 * @param config what circuits go by
 * @param request how they are probed; null if the policy does not say
 */
record WrittenPolicy(CircuitBreakerConfig config, @Nullable HttpProbe request) {
    private static final String PROBE = "probe";
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);
    private static final Duration SHORTEST_SPACING = Duration.ofMillis(100);

    /** What the release before does not know. */
    private static final Set<String> NEW_SETTINGS =
            Set.of("cooldowns_ms", "retry_after_min_ms", "min_callers", "upstream", "mode", "alternatives");

    private static final String NEW_IN_PROBE = "suspicion";

    /**
     * Reads what somebody wrote.
     *
     * @param settings name to value
     * @param scope that of policies which do not say
     * @throws InvalidSettingsException with all that is wrong
     */
    static WrittenPolicy read(Map<String, Object> settings, Scope scope) {
        Map<String, @Nullable Object> whole = new HashMap<>(settings);
        whole.putIfAbsent("scope", scope.name().toLowerCase(Locale.ROOT));
        List<String> problems = new ArrayList<>();
        HttpProbe request = null;
        if (whole.get(PROBE) instanceof Map<?, ?> given) {
            Map<String, @Nullable Object> probe = new HashMap<>();
            given.forEach((name, value) -> probe.put(String.valueOf(name), value));
            request = HttpProbeReader.take(probe, problems);
            whole.put(PROBE, probe);
        }
        CircuitBreakerConfig config = null;
        try {
            config = PolicySettings.read(whole);
        } catch (InvalidSettingsException invalid) {
            problems.addAll(invalid.problems());
        }
        ProbeSettings probing = config == null ? null : config.probe();
        if (request != null && probing != null) {
            notTooOften(probing, problems);
            request = request.within(probing.interval(), problems);
        }
        if (config == null || !problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return new WrittenPolicy(config, request);
    }

    /** A provider is asked by everybody's circuits, so none of them may hammer at it. */
    private static void notTooOften(ProbeSettings probing, List<String> problems) {
        if (probing.interval().compareTo(SHORTEST_INTERVAL) < 0) {
            problems.add(InvalidSettingsException.problem(
                    "probe.interval",
                    probing.interval(),
                    "at least " + InvalidSettingsException.text(SHORTEST_INTERVAL) + " for a request"));
        }
        if (probing.spacing().compareTo(SHORTEST_SPACING) < 0) {
            problems.add(InvalidSettingsException.problem(
                    "probe.spacing",
                    probing.spacing(),
                    "at least " + InvalidSettingsException.text(SHORTEST_SPACING) + " for a request"));
        }
    }

    /** All of it, as the API shows it. */
    Map<String, @Nullable Object> write() {
        Map<String, @Nullable Object> settings = PolicySettings.write(config);
        Map<String, @Nullable Object> probe = probe(settings);
        if (probe != null && request != null) {
            request.writeTo(probe);
        }
        return settings;
    }

    /**
     * As it is stored. Settings that the release before does not know are left out where they have their default: it
     * refuses a policy with a name that is new to it, and then goes on with what it had.
     */
    Map<String, @Nullable Object> stored() {
        Map<String, @Nullable Object> settings = write();
        Map<String, @Nullable Object> defaults = PolicySettings.write(CircuitBreakerConfig.defaults());
        settings.entrySet()
                .removeIf(each -> NEW_SETTINGS.contains(each.getKey())
                        && Objects.equals(each.getValue(), defaults.get(each.getKey())));
        ProbeSettings probing = config.probe();
        Map<String, @Nullable Object> probe = probe(settings);
        if (probe != null
                && probing != null
                && probing.suspicion() == ProbeSettings.defaults().suspicion()) {
            probe.remove(NEW_IN_PROBE);
        }
        return settings;
    }

    /** What circuits go by while nothing carries out the probe. */
    CircuitBreakerConfig withoutProbe() {
        return config.toBuilder().probe(null).build();
    }

    @SuppressWarnings("unchecked") // as it has just been written
    private static @Nullable Map<String, @Nullable Object> probe(Map<String, @Nullable Object> settings) {
        return (Map<String, @Nullable Object>) settings.get(PROBE);
    }
}
