package dev.interlock.monitor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The newest rows of the agent log, kept in memory: for tests, and for a process without a database. */
public final class InMemoryLogStore implements LogStore {
    private record Numbered(long number, LogRow row) {}

    private final int capacity;
    private final Deque<Numbered> rows = new ArrayDeque<>();
    private final Set<String> ids = new HashSet<>();
    private long written;

    /** A store of the newest 100,000 rows. */
    public InMemoryLogStore() {
        this(100_000);
    }

    /**
     * A store.
     *
     * @param capacity how many rows it keeps, at least 1
     * @throws IllegalArgumentException if that is less
     */
    public InMemoryLogStore(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("A log store needs room for at least 1 row, but was given " + capacity);
        }
        this.capacity = capacity;
    }

    @Override
    public synchronized int append(List<LogRow> added) {
        for (LogRow row : added) {
            String id = id(row);
            if (id != null && !ids.add(id)) {
                continue;
            }
            if (rows.size() == capacity) {
                String gone = id(rows.removeFirst().row());
                if (gone != null) {
                    ids.remove(gone);
                }
            }
            rows.addLast(new Numbered(++written, row));
        }
        return 0;
    }

    @Override
    public synchronized LogPage find(LogQuery query) {
        long before = number(query.after());
        List<LogRow> page = new ArrayList<>();
        long last = 0;
        for (Iterator<Numbered> newest = rows.descendingIterator(); newest.hasNext(); ) {
            Numbered each = newest.next();
            if (each.number() < before && matches(query, each.row())) {
                if (page.size() == query.limit()) {
                    return new LogPage(page, Long.toString(last));
                }
                page.add(each.row());
                last = each.number();
            }
        }
        return new LogPage(page, null);
    }

    private static @Nullable String id(LogRow row) {
        String id = row.entry().entryId();
        return id == null ? null : row.organization() + '\n' + id;
    }

    private static long number(@Nullable String after) {
        if (after == null) {
            return Long.MAX_VALUE;
        }
        try {
            return Long.parseLong(after);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(
                    "A page goes on after what the page before named as next, but was given '" + after + "'", none);
        }
    }

    private static boolean matches(LogQuery query, LogRow row) {
        LogEntry entry = row.entry();
        return row.organization().equals(query.organization())
                && (query.agentId() == null || query.agentId().equals(entry.agentId()))
                && (query.executionId() == null || query.executionId().equals(entry.executionId()))
                && (query.actionType() == null || query.actionType() == entry.actionType())
                && (query.status() == null || query.status() == entry.status());
    }
}
