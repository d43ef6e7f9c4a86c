package dev.interlock.monitor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the agent log. Immutable.
 *
 * @param rows the newest first
 * @param next what to give as {@link LogQuery#after()} for the next page, or null if this is the last
 */
public record LogPage(List<LogRow> rows, @Nullable String next) {
    /** Copies the list. */
    public LogPage {
        rows = List.copyOf(rows);
    }
}
