package dev.interlock.server.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.server.text.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code interlock.yaml}: one map by the settings' names, in which {@code health-opens}, {@code health.opens} and
 * {@code opens} in a map {@code health} are the same.
 */
final class YamlFile {
    private static final long LONGEST = 1_048_576;

    private YamlFile() {}

    /** Name to value in the file's order; what is wrong with the file as a whole becomes a problem. */
    static Map<String, YamlValue> read(Path file, List<String> problems) {
        Map<String, YamlValue> values = new LinkedHashMap<>();
        try {
            if (Files.size(file) > LONGEST) {
                problems.add(file + ": is longer than 1 MiB, so it cannot be a settings file");
                return values;
            }
            ObjectMapper mapper = new YAMLMapper();
            try (JsonParser parser = mapper.createParser(Files.newInputStream(file))) {
                read(file, parser, mapper, values, problems);
            }
        } catch (JsonProcessingException e) {
            // The parser quotes the text around a mistake, and that may be a secret.
            JsonLocation location = e.getLocation();
            problems.add(file + (location == null ? "" : ", line " + location.getLineNr()) + ": is no YAML");
        } catch (NoSuchFileException missing) {
            problems.add(file + ": there is no such file; it must be a YAML file of settings");
        } catch (IOException e) {
            problems.add(file + ": cannot be read; it must be a YAML file that the server's user may read");
        }
        return values;
    }

    private static void read(
            Path file, JsonParser parser, ObjectMapper mapper, Map<String, YamlValue> values, List<String> problems)
            throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            problems.add(file + ": must be a map of settings, such as 'port: 8080'");
            return;
        }
        readMap("", file, parser, mapper, values, problems);
    }

    /** A map in the map is only another way to write the names in it: {@code health: {opens: never}}. */
    private static void readMap(
            String prefix,
            Path file,
            JsonParser parser,
            ObjectMapper mapper,
            Map<String, YamlValue> values,
            List<String> problems)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = prefix + parser.currentName().replace('.', '-');
            String place = file + ", line " + parser.currentLocation().getLineNr();
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                readMap(name + "-", file, parser, mapper, values, problems);
                continue;
            }
            JsonNode node = mapper.readTree(parser);
            YamlValue value = new YamlValue(node.isValueNode() ? node.asText() : node.toString(), place);
            if (values.put(name, value) != null) {
                problems.add(place + ": '" + Texts.shown(name) + "' is there twice");
            }
        }
    }
}
