package dev.interlock.monitor.loops;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A loop that was found. Immutable.
 *
 * @param organization whose
 * @param agent whose execution
 * @param execution its id, or null if the calls name none
 * @param tool the tool of the last call
 * @param repeats how many calls were the same
 * @param at when the last of them ended
 * @param until how long further calls of the execution are refused, if they are
 */
public record Loop(
        String organization,
        String agent,
        @Nullable String execution,
        String tool,
        int repeats,
        Instant at,
        Instant until) {
    /** {@return in words, for people and for models} */
    public String text() {
        return "the same call of " + tool + " came to the same end " + repeats + " times; the next one will, too";
    }
}
