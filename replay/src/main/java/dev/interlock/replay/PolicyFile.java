package dev.interlock.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.InvalidSettingsException;
import dev.interlock.settings.PolicySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A policy in YAML: settings by name, as {@link PolicySettings} reads them. Mistakes are reported all at once, in the order
 * of their lines.
 */
final class PolicyFile {
    private static final String SETTINGS = "settings by name, such as failure_threshold: 3";
    private static final int NOWHERE = Integer.MAX_VALUE;
    private static final String PROBE = "probe";
    private static final String URL = "url";

    /** What a server asks: a replay makes no requests. */
    private static final Set<String> REQUEST =
            Set.of(URL, "method", "headers", "body", "expect", "timeout", "timeout_ms");

    private static final YAMLMapper YAML = new YAMLMapper();

    /** What is wrong, and in which line. */
    private record Mistake(int line, String words) {}

    /** A map of settings: what its names begin with, and the line of each. */
    private record Section(String prefix, Map<String, Integer> lines) {}

    private final Path file;
    private final String yaml;
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<Mistake> mistakes = new ArrayList<>();

    private PolicyFile(Path file, String yaml) {
        this.file = file;
        this.yaml = yaml;
    }

    static CircuitBreakerConfig read(Path file) throws ReplayException {
        if (Files.isDirectory(file)) {
            throw new ReplayException(file + ": is a folder: must be a YAML file");
        }
        try {
            return new PolicyFile(file, Files.readString(file)).read();
        } catch (JsonProcessingException unreadable) {
            throw new ReplayException(file + ": is no policy: must hold " + SETTINGS);
        } catch (IOException unreadable) {
            throw new ReplayException(file + ": cannot be read: must be a YAML file in UTF-8");
        }
    }

    private CircuitBreakerConfig read() throws ReplayException, IOException {
        try {
            findLines();
        } catch (JsonProcessingException broken) {
            throw new ReplayException(BrokenYaml.message(file, yaml, broken, SETTINGS));
        }
        CircuitBreakerConfig config = null;
        try {
            config = PolicySettings.read(
                    withoutRequest(YAML.readValue(yaml, new TypeReference<Map<String, @Nullable Object>>() {})));
        } catch (InvalidSettingsException invalid) {
            invalid.problems().forEach(problem -> mistakes.add(new Mistake(line(problem), problem)));
        }
        if (!mistakes.isEmpty()) {
            throw new ReplayException(mistakes.stream()
                    .sorted(Comparator.comparingInt(Mistake::line))
                    .map(each -> file + (each.line == NOWHERE ? "" : ":" + each.line) + ": " + each.words)
                    .collect(Collectors.joining("\n")));
        }
        return Objects.requireNonNull(config);
    }

    /** Without the HTTP request of a server's probe, whose answers come from the log here. */
    private Map<String, @Nullable Object> withoutRequest(Map<String, ? extends @Nullable Object> settings) {
        Map<String, @Nullable Object> kept = new LinkedHashMap<>(settings);
        if (settings.get(PROBE) instanceof Map<?, ?> given) {
            Map<String, @Nullable Object> probe = new LinkedHashMap<>();
            given.forEach((name, value) -> {
                String setting = String.valueOf(name);
                if (!REQUEST.contains(setting)) {
                    probe.put(setting, value);
                } else if (setting.equals(URL) && value != null && !(value instanceof String)) {
                    String problem = InvalidSettingsException.problem(
                            PROBE + "." + URL, value, "an address such as https://api.example.com/v1/models");
                    mistakes.add(new Mistake(line(problem), problem));
                }
            });
            kept.put(PROBE, probe);
        }
        return kept;
    }

    /** The line of the setting that the problem begins with. */
    private int line(String problem) {
        String setting = problem.substring(0, Math.max(0, problem.indexOf(" = ")));
        Integer line = lines.getOrDefault(setting, lines.get(setting + "_ms"));
        return line == null ? NOWHERE : line;
    }

    /** Notes the line of each setting; settings of a section have its name and a point before their own. */
    private void findLines() throws ReplayException, IOException {
        try (JsonParser parser = YAML.createParser(yaml)) {
            Deque<Section> sections = new ArrayDeque<>();
            String name = "";
            JsonToken token = parser.nextToken();
            if (token != JsonToken.START_OBJECT) {
                throw new ReplayException(
                        file + (token == null ? ": is empty" : ":1: is no policy") + ": must hold " + SETTINGS);
            }
            for (; token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    sections.push(new Section(name.isEmpty() ? "" : name + ".", new HashMap<>()));
                } else if (token == JsonToken.END_OBJECT) {
                    sections.pop();
                } else if (token == JsonToken.FIELD_NAME) {
                    Section section = sections.element();
                    name = section.prefix + parser.currentName();
                    note(section, name, parser.currentTokenLocation().getLineNr());
                }
            }
        }
    }

    private void note(Section section, String name, int line) {
        lines.put(name, line);
        Integer first = section.lines.putIfAbsent(name, line);
        if (first != null) {
            mistakes.add(new Mistake(line, name + ": must be given once, but is in line " + first + " already"));
        }
    }
}
