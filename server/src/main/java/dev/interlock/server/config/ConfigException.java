package dev.interlock.server.config;

import dev.interlock.server.text.Secrets;
import java.util.List;

/** Settings that cannot be: names every mistake with its place, the value seen (but no secret) and what is allowed. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // always an immutable list of strings
    private final List<String> problems;

    ConfigException(List<String> problems) {
        super(Secrets.hidden(String.join("\n", problems)), null, false, false);
        this.problems = problems.stream().map(Secrets::hidden).toList();
    }

    /**
     * All mistakes.
     *
     * @return one line each: place, value, what is allowed
     */
    public List<String> problems() {
        return problems;
    }
}
