package dev.interlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with settings, so that all mistakes are reported at once. */
final class Problems {
    static final Duration SHORTEST = Duration.ofMillis(1);
    static final Duration LONGEST = Duration.ofDays(365);

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

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new InvalidSettingsException(found);
        }
    }
}
