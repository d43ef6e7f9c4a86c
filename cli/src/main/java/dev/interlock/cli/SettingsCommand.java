package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** A command that sets something: behind its name come settings, one by one, or in a file. */
abstract class SettingsCommand extends RemoteCommand {
    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "SETTING=VALUE",
            description = "its settings, one by one; null turns one off")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "settings in YAML or JSON, - for standard input; SETTING=VALUE goes before it")
    private @Nullable String file;

    /**
     * All settings by their names, which may be written with hyphens.
     *
     * @param example a command that has some, for those who gave none
     */
    ObjectNode settings(String example) throws RemoteException {
        if (file == null && settings.isEmpty()) {
            throw new ParameterException(
                    spec().commandLine(),
                    "There are no settings: must be given, as in '" + example + "', or in a file by --file FILE");
        }
        Map<String, JsonNode> all = new LinkedHashMap<>();
        if (file != null) {
            all.putAll(SettingsText.ofFile(file));
        }
        for (String each : settings) {
            int equals = each.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(
                        spec().commandLine(),
                        "'" + each + "': must be SETTING=VALUE, as in '" + example + "', or a file by --file FILE");
            }
            all.put(each.substring(0, equals).replace('-', '_'), SettingsText.value(each.substring(equals + 1)));
        }
        return Remote.JSON.createObjectNode().setAll(all);
    }
}
