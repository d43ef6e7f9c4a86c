package dev.interlock.server.config;

import dev.interlock.NamePattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The settings of loops; {@link Settings#ALL} lists them behind the others. */
public final class SettingsOfLoops {
    /** What becomes of an execution that is in a loop. */
    public enum OnLoop {
        /** Its further calls are refused. */
        REFUSE,
        /** It is reported. */
        WARN,
        /** Nobody looks. */
        IGNORE
    }

    /** What becomes of loops. */
    public static final Setting<OnLoop> ON_LOOP = new Setting<>(
            "on-loop",
            "refuse, warn or ignore",
            "refuse",
            null,
            false,
            "What becomes of an execution whose calls of a tool are a loop: its further permits are refused for up to an"
                    + " hour, or that is only reported, or nobody looks.",
            Parsers.choice(OnLoop.class));

    /** Which tools may be called again and again. */
    public static final Setting<List<NamePattern>> EXCEPT = new Setting<>(
            "loop-except",
            "names or patterns of tools, with commas",
            "",
            "none",
            false,
            "Tools whose calls are no loop, such as tool:poll_* or tool:*/status.",
            text -> names(text).stream().map(NamePattern::new).toList());

    /** Which arguments do not matter. */
    public static final Setting<List<String>> IGNORED = new Setting<>(
            "loop-ignored-fields",
            "names of fields, with commas",
            "",
            "none",
            false,
            "Fields in the arguments of tools that do not matter when calls are compared, such as timestamp or request_id.",
            SettingsOfLoops::names);

    private SettingsOfLoops() {}

    /** These behind others. */
    static List<Setting<?>> behind(List<Setting<?>> others) {
        List<Setting<?>> all = new ArrayList<>(others);
        all.addAll(List.of(ON_LOOP, EXCEPT, IGNORED));
        return List.copyOf(all);
    }

    private static List<String> names(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }
}
