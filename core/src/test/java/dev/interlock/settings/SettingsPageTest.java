package dev.interlock.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.ProbeSettings;
import dev.interlock.Window;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tables of settings and policies in {@code docs/circuit-breaker.md} say what the code does. */
class SettingsPageTest {
    /** Settings whose default follows from another one, with what the page says of it. */
    private static final Map<String, String> DERIVED = Map.of(
            "cooldownMax", "the longer of cooldown and 4 min",
            "retryAfterMin", "1 s, or `retryAfterMax` if that is shorter",
            "trialsAtOnce", "`halfOpenMaxRequests`",
            "trialTimeout", "the longer of cooldown and 2 min");

    private static final List<String> POLICIES =
            List.of("default", "recommended", "recommended+probe", "upstream", "upstream+probe", "attempts");

    private List<String> page = List.of();

    @BeforeEach
    void read() throws IOException {
        page = Files.readAllLines(Path.of("../docs/circuit-breaker.md"));
    }

    @Test
    void every_setting_is_in_the_table_with_its_default() throws ReflectiveOperationException {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (List<String> cells : table("setting", "default", "unit and range", "meaning")) {
            for (String name : cells.get(0).split(", ")) {
                defaults.put(name.replace("`", ""), cells.get(1));
            }
        }
        Map<String, String> expected = new LinkedHashMap<>();
        for (RecordComponent component : CircuitBreakerConfig.class.getRecordComponents()) {
            String name = name(component);
            String derived = DERIVED.get(name);
            expected.put(name, derived != null ? derived : shown(name, CircuitBreakerConfig.defaults(), component));
        }
        assertThat(defaults).containsExactlyInAnyOrderEntriesOf(expected);
    }

    @Test
    void every_setting_of_probes_is_in_the_table_with_its_default() throws ReflectiveOperationException {
        Map<String, String> expected = new LinkedHashMap<>();
        for (RecordComponent component : ProbeSettings.class.getRecordComponents()) {
            expected.put(
                    component.getName(),
                    shown(component.getName(), component.getAccessor().invoke(ProbeSettings.defaults())));
        }
        Map<String, String> shown = new LinkedHashMap<>();
        for (List<String> cells : table("in `probe`", "default", "unit and range", "meaning")) {
            shown.put(cells.get(0).replace("`", ""), cells.get(1));
        }
        assertThat(shown).isEqualTo(expected);
    }

    @Test
    void every_difference_between_named_policies_is_in_the_table() throws ReflectiveOperationException {
        List<String> header = Stream.concat(
                        Stream.of("setting"), POLICIES.stream().map(name -> "`" + name + "`"))
                .toList();
        List<List<String>> expected = new ArrayList<>();
        for (RecordComponent component : CircuitBreakerConfig.class.getRecordComponents()) {
            List<String> cells = new ArrayList<>();
            cells.add("`" + name(component) + "`");
            for (String policy : POLICIES) {
                CircuitBreakerConfig config = PolicySettings.builtIn(policy);
                assertThat(config).as(policy).isNotNull();
                cells.add(shown(name(component), config, component));
            }
            if (cells.stream().skip(1).distinct().count() > 1) {
                expected.add(cells);
            }
        }
        assertThat(table(header.toArray(String[]::new))).containsExactlyElementsOf(expected);
    }

    @Test
    void every_named_policy_has_its_reason() {
        assertThat(table("policy", "for", "why"))
                .extracting(cells -> cells.get(0).replace("`", ""))
                .containsExactlyElementsOf(POLICIES);
    }

    private List<List<String>> table(String... header) {
        int line = page.indexOf("| " + String.join(" | ", header) + " |");
        assertThat(line)
                .as("table with the columns %s", Arrays.toString(header))
                .isNotNegative();
        return page.subList(line + 2, page.size()).stream()
                .takeWhile(each -> each.startsWith("|"))
                .map(each -> Arrays.stream(each.substring(1).split("\\|"))
                        .map(String::trim)
                        .toList())
                .toList();
    }

    private static String name(RecordComponent component) {
        return component.getName().equals("isUpstream") ? "upstream" : component.getName();
    }

    private static String shown(String name, CircuitBreakerConfig config, RecordComponent component)
            throws ReflectiveOperationException {
        return shown(name, component.getAccessor().invoke(config));
    }

    private static String shown(String name, @Nullable Object value) {
        if (value == null) {
            return name.equals("probe") ? "none" : "off";
        }
        if (value instanceof Window window) {
            Duration time = window.time();
            return time == null ? window.calls() + " calls" : shown(time);
        }
        if (value instanceof Duration duration) {
            return shown(duration);
        }
        if (value instanceof ProbeSettings probe) {
            return "interval " + shown(probe.interval());
        }
        if (value instanceof Double number && number == Math.rint(number)) {
            return String.valueOf(number.longValue());
        }
        if (value instanceof Map<?, ?> kinds) {
            return kinds.isEmpty() ? (name.equals("cooldowns") ? "none" : "the kinds' own") : cooldowns(kinds);
        }
        if (value instanceof List<?> names && names.isEmpty()) {
            return "none";
        }
        return value instanceof Enum<?> constant ? constant.name().toLowerCase(Locale.ROOT) : value.toString();
    }

    private static String cooldowns(Map<?, ?> kinds) {
        return kinds.entrySet().stream()
                .map(each -> ((FailureKind) each.getKey()).name() + " " + shown((Duration) each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String shown(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds % 3600 == 0) {
            return seconds / 3600 + " h";
        }
        return seconds % 60 == 0 && seconds > 60 ? seconds / 60 + " min" : seconds + " s";
    }
}
