package dev.interlock.server.replay;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.InvalidSettingsException;
import dev.interlock.PolicySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A policy in YAML: settings by name, as {@link PolicySettings} reads them. Mistakes are told all at once, by line. */
final class PolicyFile {
    private static final String ALLOWED = "settings by name, such as failure_threshold: 3";

    private PolicyFile() {}

    static CircuitBreakerConfig read(Path file) throws ReplayException {
        String yaml;
        try {
            yaml = Files.readString(file);
        } catch (IOException unreadable) {
            throw new ReplayException(file + ": cannot be read (" + unreadable + "): must be a YAML file in UTF-8");
        }
        YAMLMapper mapper = YAMLMapper.builder()
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .build();
        Map<String, Integer> lines = new HashMap<>();
        Map<String, @Nullable Object> settings;
        try {
            lines(file, mapper, yaml, lines);
            settings = mapper.readValue(yaml, new TypeReference<>() {});
        } catch (JsonProcessingException broken) {
            JsonLocation at = broken.getLocation();
            throw new ReplayException(file + (at == null ? "" : ":" + at.getLineNr()) + ": is no policy: must be "
                    + ALLOWED + "; " + broken.getOriginalMessage().lines().collect(Collectors.joining(" ")));
        }
        try {
            return PolicySettings.read(settings);
        } catch (InvalidSettingsException invalid) {
            throw new ReplayException(invalid.problems().stream()
                    .map(problem -> place(file, problem, lines) + problem)
                    .collect(Collectors.joining("\n")));
        }
    }

    /** The file, and the line where the setting that the problem begins with stands. */
    private static String place(Path file, String problem, Map<String, Integer> lines) {
        String setting = problem.substring(0, Math.max(0, problem.indexOf(" = ")));
        Integer line = lines.getOrDefault(setting, lines.get(setting + "_ms"));
        return file + (line == null ? "" : ":" + line) + ": ";
    }

    /** Where each setting stands; those of a section bear its name and a point before their own. */
    private static void lines(Path file, YAMLMapper mapper, String yaml, Map<String, Integer> lines)
            throws JsonProcessingException, ReplayException {
        try (JsonParser parser = mapper.createParser(yaml)) {
            Deque<String> sections = new ArrayDeque<>();
            String name = "";
            JsonToken token = parser.nextToken();
            if (token != JsonToken.START_OBJECT) {
                throw new ReplayException(
                        file + (token == null ? ": is empty" : ":1: is no policy") + ": must hold " + ALLOWED);
            }
            while (token != null) {
                if (token == JsonToken.FIELD_NAME) {
                    name = (sections.isEmpty() ? "" : sections.peek()) + parser.currentName();
                    lines.put(name, parser.currentTokenLocation().getLineNr());
                } else if (token == JsonToken.START_OBJECT) {
                    sections.push(name.isEmpty() ? "" : name + ".");
                } else if (token == JsonToken.END_OBJECT) {
                    sections.pop();
                }
                token = parser.nextToken();
            }
        } catch (JsonProcessingException broken) {
            throw broken;
        } catch (IOException impossible) {
            throw new IllegalStateException("Reading from memory failed", impossible);
        }
    }
}
