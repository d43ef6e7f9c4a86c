package dev.interlock.replay;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls from NDJSON, an object a line: entries of the agent log, or objects with the names of the CSV's columns.
 *
 * <p>Which entry is a call says {@link LogEntry}. Executions that have a failed call are remembered, the latest {@value
 * #EXECUTIONS} of them.
 */
final class JsonReader implements CallReader {
    private static final int EXECUTIONS = 100_000;
    private static final String DEPENDS_ON = "depends_on";
    private static final String KEY = "key:";

    private final Lines lines;
    private final By by;
    private final Names names;
    private final boolean guarded;

    private final Map<String, Boolean> failedExecutions = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > EXECUTIONS;
        }
    };

    private final Map<String, String> fields = new HashMap<>();
    private boolean atFirst = true;
    private long others;
    private long guardedOnes;
    private long withoutTarget;

    /** The first line must be the present one. */
    JsonReader(Lines lines, By by, Names names, boolean guarded) {
        this.lines = lines;
        this.by = by;
        this.names = names;
        this.guarded = guarded;
    }

    @Override
    public boolean next() throws IOException {
        if (atFirst) {
            atFirst = false;
            return true;
        }
        do {
            if (!lines.next()) {
                return false;
            }
        } while (lines.isBlank());
        return true;
    }

    @Override
    public @Nullable Call call() throws BadRowException {
        if (lines.isTooLong()) {
            throw new BadRowException("the line is too long: must be at most " + Lines.LONGEST + " bytes");
        }
        readFields();
        LogEntry entry = new LogEntry(fields, line());
        if (!entry.isCall()) {
            others++;
            return null;
        }
        if (entry.isGuarded() != guarded && entry.isOfLog()) {
            guardedOnes++;
            return null;
        }
        Call call = entry.call(by, names);
        String execution = fields.get("execution_id");
        if (!call.ok() && call.unlessFailed() == null && execution != null) {
            failedExecutions.put(execution, true);
        }
        if (by == By.TARGET && call.target() == null) {
            withoutTarget++;
            return null;
        }
        return call;
    }

    @Override
    public long line() {
        return lines.number();
    }

    /** A call that stands in for a failed one is none if its execution has a failed call among those read so far. */
    @Override
    public @Nullable Call settled(Call call) {
        return call.unlessFailed() == null || !failedExecutions.containsKey(call.unlessFailed()) ? call : null;
    }

    @Override
    public String leftOut() {
        StringBuilder words = new StringBuilder();
        append(words, others, others == 1 ? "entry that is no call" : "entries that are no calls");
        append(words, guardedOnes, guarded ? "not guarded" : "guarded");
        append(words, withoutTarget, withoutTarget == 1 ? "error without a target" : "errors without a target");
        return words.toString();
    }

    private static void append(StringBuilder words, long count, String what) {
        if (count > 0) {
            words.append(words.isEmpty() ? "" : ", ").append(count).append(' ').append(what);
        }
    }

    /**
     * The object's own values as texts; a null, an object and an array in it are left out, except for the name of a key
     * among what a call depends on.
     */
    private void readFields() throws BadRowException {
        fields.clear();
        try (JsonParser parser = JsonLine.UTF_8.createParser(lines.bytes(), lines.from(), lines.to() - lines.from())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw BadRowException.of("line", text(), "a JSON object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == JsonToken.START_ARRAY && name.equals(DEPENDS_ON)) {
                    readKey(parser);
                } else if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
                    parser.skipChildren();
                } else if (value != JsonToken.VALUE_NULL) {
                    fields.put(name, parser.getText());
                }
            }
            if (parser.nextToken() != null) {
                throw BadRowException.of("line", text(), "one JSON object and nothing behind it");
            }
        } catch (JsonParseException broken) {
            throw new BadRowException(
                    "line = " + Quoted.of(text()) + ": must be a JSON object, but is none from column "
                            + broken.getLocation().getColumnNr() + " on");
        } catch (JsonProcessingException broken) {
            throw new BadRowException("line = " + Quoted.of(text()) + ": must be a JSON object");
        } catch (IOException impossible) {
            throw new IllegalStateException("Reading from memory failed", impossible);
        }
    }

    private void readKey(JsonParser parser) throws IOException {
        for (JsonToken each = parser.nextToken(); each != JsonToken.END_ARRAY; each = parser.nextToken()) {
            if (each == JsonToken.VALUE_STRING && parser.getText().startsWith(KEY)) {
                fields.putIfAbsent(DEPENDS_ON, parser.getText());
            }
            parser.skipChildren();
        }
    }

    private String text() {
        return Cells.text(lines.bytes(), lines.from(), lines.to());
    }
}
