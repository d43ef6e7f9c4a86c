package dev.interlock.replay;

import dev.interlock.FailureKind;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Calls from CSV with a header, whose columns come in any order; those it does not know are ignored. */
final class CsvReader implements CallReader {
    private static final String TIME = "time";
    private static final String AGENT = "agent";
    private static final String TARGET = "target";
    private static final String DURATION = "duration_ms";
    private static final String OK = "ok";
    private static final String KIND = "kind";
    private static final String KEY = "key";
    private static final String CALLER = "caller";
    private static final String RETRY_AFTER = "retry_after_ms";
    private static final int ABSENT = -1;

    private final Lines lines;
    private final Names names;
    private final CsvRow row = new CsvRow();
    private final int columns;
    private final int time;
    private final int agent;
    private final int target;
    private final int duration;
    private final int ok;
    private final int kind;
    private final int retryAfter;
    private final int key;
    private final int caller;
    private final boolean needsAgent;

    private @Nullable BadRowException broken;

    /** Reads the header, which must be the present line. */
    CsvReader(String file, Lines lines, By by, Names names) throws IOException, ReplayException {
        this.lines = lines;
        this.names = names;
        try {
            row.read(lines);
        } catch (BadRowException unreadable) {
            throw new ReplayException(file + ":" + lines.number() + ": the header's " + unreadable.getMessage());
        }
        List<String> header = row.texts(lines).stream()
                .map(name -> name.trim().toLowerCase(Locale.ROOT))
                .toList();
        String place = file + ":" + lines.number();
        columns = header.size();
        time = column(place, header, TIME, true);
        needsAgent = by.needsAgent();
        agent = column(place, header, AGENT, needsAgent);
        target = by.needsTarget() ? column(place, header, TARGET, true) : ABSENT;
        duration = column(place, header, DURATION, true);
        ok = column(place, header, OK, true);
        kind = column(place, header, KIND, false);
        retryAfter = column(place, header, RETRY_AFTER, false);
        key = by.needsTarget() ? column(place, header, KEY, false) : ABSENT;
        caller = column(place, header, CALLER, false);
    }

    @Override
    public boolean next() throws IOException {
        do {
            if (!lines.next()) {
                return false;
            }
        } while (lines.isBlank());
        broken = null;
        try {
            if (lines.isTooLong()) {
                throw new BadRowException("the line is too long: must be at most " + Lines.LONGEST + " bytes");
            }
            row.read(lines);
        } catch (BadRowException unreadable) {
            broken = unreadable;
        }
        return true;
    }

    @Override
    public Call call() throws BadRowException {
        if (broken != null) {
            throw broken;
        }
        if (row.count() > columns) {
            throw new BadRowException(
                    "the row has " + row.count() + " fields: must be at most " + columns + ", as the header");
        }
        byte[] bytes = lines.bytes();
        long begin = Cells.time(TIME, bytes, row.from(time), row.to(time));
        long took = Cells.duration(DURATION, bytes, row.from(duration), row.to(duration));
        boolean good = Cells.ok(OK, bytes, row.from(ok), row.to(ok));
        FailureKind why = kind == ABSENT
                ? Cells.kind(KIND, good, bytes, 0, 0)
                : Cells.kind(KIND, good, bytes, row.from(kind), row.to(kind));
        long wait = retryAfter == ABSENT
                ? Call.NO_WAIT
                : Cells.wait(RETRY_AFTER, why, bytes, row.from(retryAfter), row.to(retryAfter));
        Name named = nameOrNull(CALLER, caller);
        return new Call(
                line(),
                begin,
                took,
                needsAgent ? name(AGENT, agent) : null,
                name(TARGET, target),
                isEmpty(key) ? null : names.key(KEY, Cells.text(bytes, row.from(key), row.to(key))),
                named != null ? named : nameOrNull(AGENT, agent),
                good,
                why,
                wait,
                null);
    }

    @Override
    public long line() {
        return lines.number();
    }

    private @Nullable Name name(String column, int field) throws BadRowException {
        return field == ABSENT ? null : names.of(column, lines.bytes(), row.from(field), row.to(field));
    }

    private @Nullable Name nameOrNull(String column, int field) throws BadRowException {
        return isEmpty(field) ? null : name(column, field);
    }

    private boolean isEmpty(int field) {
        return field == ABSENT || row.from(field) == row.to(field);
    }

    private static int column(String place, List<String> header, String name, boolean needed) throws ReplayException {
        int column = header.indexOf(name);
        if (column < 0 && needed) {
            throw new ReplayException(
                    place + ": header = " + Quoted.of(String.join(",", header)) + ": must name a column " + name
                            + "; a log has time, agent, target, duration_ms and ok, and may have kind");
        }
        if (column != header.lastIndexOf(name)) {
            throw new ReplayException(
                    place + ": header = " + Quoted.of(String.join(",", header)) + ": must name " + name + " only once");
        }
        return column;
    }
}
