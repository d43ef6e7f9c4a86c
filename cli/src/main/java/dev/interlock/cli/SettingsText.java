package dev.interlock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settings of a policy as people write them: in a file, or one by one. */
final class SettingsText {
    private static final String STANDARD_INPUT = "-";

    private SettingsText() {}

    /** One value: a number, true, false, null, JSON in braces or brackets, or else a text. */
    static JsonNode value(String text) {
        String plain = text.strip();
        if (plain.matches("-?\\d+(\\.\\d+)?|true|false|null|\\{.*}|\\[.*]")) {
            try {
                return Remote.JSON.readTree(plain);
            } catch (JsonProcessingException noJson) {
                return Remote.JSON.getNodeFactory().textNode(plain);
            }
        }
        return Remote.JSON.getNodeFactory().textNode(plain);
    }

    /** All of a file in YAML, of which JSON is a part. */
    static Map<String, JsonNode> ofFile(String file) throws RemoteException {
        String text;
        try {
            text = file.equals(STANDARD_INPUT)
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (NoSuchFileException missing) {
            throw wrong(file, "is not there");
        } catch (IOException unreadable) {
            throw wrong(file, "cannot be read");
        }
        try {
            if (new YAMLMapper().readTree(text) instanceof ObjectNode settings) {
                Map<String, JsonNode> all = new LinkedHashMap<>();
                settings.properties().forEach(each -> all.put(each.getKey(), each.getValue()));
                return all;
            }
        } catch (JsonProcessingException broken) {
            int line = broken.getLocation() == null ? 0 : broken.getLocation().getLineNr();
            throw wrong(file, line > 0 ? "is no YAML from line " + line + " on" : "is no YAML");
        }
        throw wrong(file, "holds no settings");
    }

    private static RemoteException wrong(String file, String what) {
        return new RemoteException(
                ExitCode.USAGE,
                "--file = '" + file + "' " + what + ": must hold settings by name, such as 'cooldown: 30s', in YAML or"
                        + " JSON");
    }
}
