package dev.interlock.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ProbeSettings;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** No setting appears, disappears, or changes its name or its default without a change here. */
class PinnedSettingsTest {
    /** Each setting by its name in files, with a value that is not its default. */
    private static final Map<String, Object> OTHER_VALUES = new TreeMap<>(Map.ofEntries(
            Map.entry("failure_threshold", 7),
            Map.entry("failure_rate_threshold", 0.25),
            Map.entry("min_requests_for_rate", 11),
            Map.entry("window", "30s"),
            Map.entry("cooldown", "30s"),
            Map.entry("cooldown_multiplier", 2.0),
            Map.entry("cooldown_max", "10m"),
            Map.entry("cooldown_jitter", 0.1),
            Map.entry("cooldowns", Map.of("QUOTA_EXHAUSTED", "15m")),
            Map.entry("retry_after_min", "2s"),
            Map.entry("retry_after_max", "2h"),
            Map.entry("half_open_max_requests", 4),
            Map.entry("trials_at_once", 1),
            Map.entry("success_threshold", 1),
            Map.entry("trial_timeout", "5m"),
            Map.entry("slow_call_duration", "10s"),
            Map.entry("slow_call_rate_threshold", 0.5),
            Map.entry("failure_kinds", Map.of("ERROR", "IGNORE")),
            Map.entry("min_callers", 2),
            Map.entry("upstream", true),
            Map.entry("mode", "observe"),
            Map.entry("probe", Map.of("needed", 1)),
            Map.entry("scope", "shared"),
            Map.entry("alternatives", List.of("model:mini"))));

    private static final Map<String, Object> OTHER_PROBES = new TreeMap<>(
            Map.of("interval", "10s", "needed", 2, "spacing", "2s", "real_trial_after", "2h", "suspicion", 0));

    @Test
    void defaults_are_these() {
        assertThat(lines(PolicySettings.write(CircuitBreakerConfig.defaults())))
                .containsExactly(
                        "failure_threshold = 5",
                        "failure_rate_threshold = 0.5",
                        "min_requests_for_rate = 10",
                        "window_ms = 60000",
                        "cooldown_ms = 60000",
                        "cooldown_multiplier = 1.0",
                        "cooldown_max_ms = 240000",
                        "cooldown_jitter = 0.0",
                        "cooldowns_ms = {}",
                        "retry_after_min_ms = 1000",
                        "retry_after_max_ms = 3600000",
                        "half_open_max_requests = 3",
                        "trials_at_once = 3",
                        "success_threshold = 2",
                        "trial_timeout_ms = 120000",
                        "slow_call_duration_ms = null",
                        "slow_call_rate_threshold = null",
                        "failure_kinds = {}",
                        "min_callers = 1",
                        "upstream = false",
                        "mode = enforce",
                        "probe = null",
                        "scope = local",
                        "alternatives = []");
    }

    @Test
    void named_policies_differ_from_the_default_by_these() {
        List<String> common = List.of(
                "window_calls = 20",
                "cooldown_multiplier = 2.0",
                "cooldown_jitter = 0.1",
                "cooldowns_ms = {QUOTA_EXHAUSTED=900000, AUTHENTICATION=300000}");

        assertThat(differences("recommended"))
                .containsExactlyInAnyOrderElementsOf(with(common, "failure_threshold = 3"));
        assertThat(differences("attempts"))
                .containsExactlyInAnyOrderElementsOf(
                        with(common, "failure_threshold = 8", "failure_rate_threshold = 0.7"));
        assertThat(differences("upstream"))
                .containsExactlyInAnyOrderElementsOf(with(
                        common,
                        "cooldown_max_ms = 120000",
                        "trials_at_once = 1",
                        "min_callers = 2",
                        "upstream = true"));
        assertThat(differences("recommended+probe"))
                .containsExactlyInAnyOrderElementsOf(with(
                        common,
                        "failure_threshold = 3",
                        "cooldown_ms = 30000",
                        "probe = {interval_ms=30000, needed=5, spacing_ms=1000, real_trial_after_ms=3600000,"
                                + " suspicion=2}"));
        assertThat(differences("upstream+probe"))
                .containsExactlyInAnyOrderElementsOf(with(
                        common,
                        "cooldown_ms = 15000",
                        "cooldown_max_ms = 120000",
                        "trials_at_once = 1",
                        "min_callers = 2",
                        "upstream = true",
                        "probe = {interval_ms=15000, needed=5, spacing_ms=1000, real_trial_after_ms=3600000,"
                                + " suspicion=2}"));
        assertThat(differences("default")).isEmpty();
    }

    private static List<String> with(List<String> common, String... own) {
        return Stream.concat(common.stream(), Stream.of(own)).toList();
    }

    private static List<String> differences(String builtIn) {
        List<String> lines = new ArrayList<>(lines(PolicySettings.write(PolicySettings.read(Map.of("base", builtIn)))));
        lines.removeAll(lines(PolicySettings.write(CircuitBreakerConfig.defaults())));
        return lines;
    }

    @Test
    void defaults_of_probes_are_these() {
        assertThat(PolicySettings.write(CircuitBreakerConfig.builder()
                                .probe(ProbeSettings.defaults())
                                .build())
                        .get("probe"))
                .hasToString(
                        "{interval_ms=30000, needed=5, spacing_ms=1000, real_trial_after_ms=3600000, suspicion=2}");
    }

    @Test
    void every_setting_has_a_name_in_files_and_every_name_sets_its_own() throws ReflectiveOperationException {
        assertThat(OTHER_VALUES.keySet()).isEqualTo(names(CircuitBreakerConfig.class));
        for (Map.Entry<String, Object> each : OTHER_VALUES.entrySet()) {
            Map<String, Object> settings = new TreeMap<>(Map.of(each.getKey(), each.getValue()));
            if (each.getKey().startsWith("slow_call")) { // these two come together
                settings.putIfAbsent("slow_call_duration", "20s");
                settings.putIfAbsent("slow_call_rate_threshold", 0.9);
            }
            CircuitBreakerConfig read = PolicySettings.read(settings);
            assertThat(differences(CircuitBreakerConfig.class, CircuitBreakerConfig.defaults(), read))
                    .as("what %s sets", each.getKey())
                    .contains(each.getKey());
        }
    }

    @Test
    void every_setting_of_probes_has_a_name_in_files_and_every_name_sets_its_own() throws ReflectiveOperationException {
        assertThat(OTHER_PROBES.keySet()).isEqualTo(names(ProbeSettings.class));
        for (Map.Entry<String, Object> each : OTHER_PROBES.entrySet()) {
            CircuitBreakerConfig read = PolicySettings.read(Map.of("probe", Map.of(each.getKey(), each.getValue())));
            assertThat(differences(ProbeSettings.class, ProbeSettings.defaults(), read.probe()))
                    .containsExactly(each.getKey());
        }
    }

    private static List<String> lines(Map<String, @Nullable Object> settings) {
        return settings.entrySet().stream()
                .map(each -> each.getKey() + " = " + each.getValue())
                .toList();
    }

    private static Set<String> names(Class<?> type) {
        return Stream.of(type.getRecordComponents())
                .map(PinnedSettingsTest::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> differences(Class<?> type, Object one, @Nullable Object other)
            throws ReflectiveOperationException {
        List<String> found = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Object here = component.getAccessor().invoke(one);
            Object there = component.getAccessor().invoke(other);
            if (here == null ? there != null : !here.equals(there)) {
                found.add(name(component));
            }
        }
        return found;
    }

    private static String name(RecordComponent component) {
        String name = component.getName().equals("isUpstream") ? "upstream" : component.getName();
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
