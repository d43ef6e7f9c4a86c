package dev.interlock;

import java.time.Duration;
import java.util.List;

/**
 * Settings that are not valid: names every mistake, each with the setting's name, the value seen and what is allowed.
 */
public final class InvalidSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // always an immutable list of strings
    private final List<String> problems;

    /**
     * With all mistakes at once.
     *
     * @param problems at least one sentence: name, value, what is allowed
     */
    public InvalidSettingsException(List<String> problems) {
        super((problems.size() == 1 ? "Invalid setting: " : problems.size() + " invalid settings: ")
                + String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * All mistakes.
     *
     * @return one sentence each: name, value, what is allowed
     */
    public List<String> problems() {
        return problems;
    }

    /**
     * One mistake as a sentence.
     *
     * @param setting the setting's name
     * @param value the value seen; durations are written as {@link #text} does
     * @param allowed what it must be
     * @return for {@link #InvalidSettingsException(List)}
     */
    public static String problem(String setting, Object value, String allowed) {
        String seen = value instanceof Duration duration ? text(duration) : value.toString();
        return setting + " = " + seen + ": must be " + allowed;
    }

    /**
     * A duration as settings are written: a whole number of the largest unit that fits, such as {@code 90s}; else ISO 8601.
     *
     * @param duration any
     * @return its text
     */
    public static String text(Duration duration) {
        return Nanos.text(duration);
    }
}
