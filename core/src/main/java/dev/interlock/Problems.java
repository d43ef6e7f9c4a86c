package dev.interlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with settings, so that all mistakes are reported at once. */
final class Problems {
    static final Duration SHORTEST = Duration.ofMillis(1);
    static final Duration LONGEST = Duration.ofDays(365);

    private static final int LONGEST_NAME = 256;
    private static final int SHOWN = 40;

    private final List<String> found = new ArrayList<>();

    void add(String setting, Object value, String allowed) {
        found.add(InvalidSettingsException.problem(setting, value, allowed));
    }

    void number(String setting, long value, long least, long most) {
        if (value < least || value > most) {
            add(setting, value, least + " to " + most);
        }
    }

    void fraction(String setting, double value) {
        if (!(value > 0 && value <= 1)) {
            add(setting, value, "a fraction above 0 and at most 1");
        }
    }

    void duration(String setting, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            add(setting, value, Nanos.text(least) + " to " + Nanos.text(most));
        }
    }

    /** Names of circuits, each once; a pattern is none, though a circuit could be called so. */
    void names(String setting, List<String> names, int most) {
        if (names.size() > most) {
            add(setting, names.size() + " names", "at most " + most);
            return;
        }
        for (int i = 0; i < names.size(); i++) {
            String allowed = nameAllowed(names.get(i), names.subList(0, i));
            if (allowed != null) {
                add(setting + "[" + i + "]", shown(names.get(i)), allowed);
            }
        }
    }

    private static @Nullable String nameAllowed(String name, List<String> before) {
        if (name.isBlank() || name.length() > LONGEST_NAME || PrintableText.unprintableAt(name) >= 0) {
            return "the name of a circuit: 1 to " + LONGEST_NAME + " printable characters, not blank";
        }
        if (name.indexOf('*') >= 0) {
            return "the name of one circuit, and no pattern";
        }
        return before.contains(name) ? "given once" : null;
    }

    private static String shown(String name) {
        String printable = PrintableText.masked(name, '?');
        return "'"
                + (printable.length() > SHOWN
                        ? printable.substring(0, SHOWN) + "...' of " + name.length() + " characters"
                        : printable + "'");
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new InvalidSettingsException(found);
        }
    }
}
