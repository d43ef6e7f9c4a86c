package dev.interlock.server.config;

import java.util.Arrays;
import java.util.List;

/** The settings of traces; {@link Settings#ALL} lists them among the others. */
public final class SettingsOfTraces {
    /** Where proxies are whose calls count there. */
    public static final Setting<List<String>> PROXIES = new Setting<>(
            "trace-proxies",
            "hosts, each with a port or without, with commas",
            "",
            "none but the address that traces are sent to",
            false,
            "Where agents reach proxies of this installation: calls that went there are counted there, so spans of them are"
                    + " logged and feed no circuit.",
            SettingsOfTraces::hosts);

    private SettingsOfTraces() {}

    private static List<String> hosts(String text) {
        List<String> hosts = text.isBlank()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        for (String each : hosts) {
            if (each.isEmpty() || each.contains("/") || each.contains(" ")) {
                throw new IllegalArgumentException(
                        "hosts, each with a port or without, with commas, such as proxy.example.com:8081");
            }
        }
        return hosts;
    }
}
