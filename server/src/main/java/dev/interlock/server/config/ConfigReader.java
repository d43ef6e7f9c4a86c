package dev.interlock.server.config;

import dev.interlock.InvalidSettingsException;
import dev.interlock.server.text.Texts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads settings from flags, environment and file, and collects every mistake. */
final class ConfigReader {
    private static final String PREFIX = "INTERLOCK_";

    /** Variables of the start script and of the command line's client; no settings of the server. */
    private static final List<String> OTHERS = List.of(
            "INTERLOCK_JAVA_OPTS",
            "INTERLOCK_URL",
            "INTERLOCK_KEY",
            "INTERLOCK_CACERT",
            "INTERLOCK_PROFILE",
            "INTERLOCK_CONFIG");

    private final Map<String, String> flags;
    private final Map<String, String> environment;
    private final @Nullable Path file;
    private final List<String> problems = new ArrayList<>();
    private final Map<Setting<?>, Object> values = new HashMap<>();

    ConfigReader(Map<String, String> flags, Map<String, String> environment, @Nullable Path file) {
        this.flags = flags;
        this.environment = environment;
        this.file = file;
    }

    Config read() {
        Map<String, YamlValue> written = file == null ? Map.of() : YamlFile.read(file, problems);
        refuseUnknown(written);
        for (Setting<?> setting : Settings.ALL) {
            read(setting, written.get(setting.name()));
        }
        checkTogether();
        Config config = new Config(values);
        if (problems.isEmpty()) {
            checkParts(config);
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    /** What the parts of the server that get the values know better. */
    private void checkParts(Config config) {
        try {
            config.security();
        } catch (InvalidSettingsException e) {
            problems.addAll(e.problems());
        }
        try {
            config.database();
        } catch (IllegalArgumentException e) {
            problems.add(Settings.DATABASE_URL.name() + ": " + e.getMessage());
        }
    }

    /** The first that says anything wins; what others say is not even looked at. */
    private void read(Setting<?> setting, @Nullable YamlValue written) {
        String flag = flags.get(setting.name());
        String variable = environment.get(setting.variable());
        if (flag != null) {
            put(setting, flag, setting.flag());
        } else if (variable != null && !variable.isEmpty()) {
            put(setting, variable, setting.variable());
        } else if (written != null) {
            put(setting, written.text(), written.place() + ": " + setting.name());
        } else if (setting.otherwise() != null) {
            put(setting, setting.otherwise(), setting.name());
        }
    }

    private void put(Setting<?> setting, String text, String place) {
        try {
            values.put(setting, setting.parser().apply(text));
        } catch (IllegalArgumentException e) {
            String shown = setting.secret() ? "(a secret, not shown)" : "'" + Texts.shown(text) + "'";
            problems.add(place + " = " + shown + ": must be " + e.getMessage());
        }
    }

    private void refuseUnknown(Map<String, YamlValue> written) {
        List<String> names = Settings.ALL.stream().map(Setting::name).toList();
        written.forEach((name, value) -> {
            if (!names.contains(name)) {
                problems.add(
                        value.place() + ": there is no setting '" + Texts.shown(name) + "'" + Texts.guess(name, names));
            }
        });
        List<String> variables =
                new ArrayList<>(Settings.ALL.stream().map(Setting::variable).toList());
        variables.addAll(OTHERS);
        for (String variable : new TreeMap<>(environment).keySet()) {
            if (variable.startsWith(PREFIX) && !variables.contains(variable)) {
                problems.add("there is no variable " + Texts.shown(variable) + Texts.guess(variable, variables));
            }
        }
    }

    private void checkTogether() {
        boolean certificate = values.containsKey(Settings.TLS_CERT);
        if (certificate != values.containsKey(Settings.TLS_KEY)) {
            problems.add((certificate ? Settings.TLS_KEY : Settings.TLS_CERT).name()
                    + " is missing: tls-cert and tls-key" + " belong together");
        }
    }
}
