package dev.interlock;

import java.util.List;

/** Settings that cannot be: tells every mistake, each with the setting's name, the value seen and what is allowed. */
public final class InvalidSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // always an immutable list of strings
    private final List<String> problems;

    /**
     * Tells all mistakes at once.
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
}
