package dev.interlock.server.sync;

import dev.interlock.Settlement;
import dev.interlock.server.permits.Tally;
import dev.interlock.server.text.Texts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of a report. Written by one thread at a time, read when it is complete. */
final class Receipt implements Tally {
    private static final int MOST_ERRORS = 100;

    private final long batch;
    private final int[] settlements = new int[Settlement.values().length];
    private final JsonArray errors = new JsonArray();
    private final JsonArray loops = new JsonArray();
    private int settled;
    private int refused;
    private int entries;
    private int notStored;
    private @Nullable Integer entriesAgainMillis;
    private boolean mayHaveMoved;

    Receipt(long batch) {
        this.batch = batch;
    }

    @Override
    public void taken(Settlement settlement, boolean ofPermit) {
        settlements[settlement.ordinal()]++;
        settled += ofPermit ? 1 : 0;
    }

    @Override
    public void refused(int index, String detail) {
        refused("outcomes", index, detail);
    }

    void refused(String in, int index, String detail) {
        refused++;
        if (errors.size() < MOST_ERRORS) {
            errors.add(new JsonObject().put("in", in).put("index", index).put("detail", Texts.sentence(detail)));
        }
    }

    /** What was reported may have moved circuits. */
    void moves() {
        mayHaveMoved = true;
    }

    boolean mayHaveMoved() {
        return mayHaveMoved;
    }

    void entries(int accepted, int beyondQuota) {
        entries = accepted;
        notStored = beyondQuota;
    }

    void entriesAgain(int afterMillis) {
        entriesAgainMillis = afterMillis;
    }

    /** An execution with entries in the report is in a loop. */
    void loop(String agent, String execution, Duration left) {
        loops.add(new JsonObject()
                .put("agent_id", agent)
                .put("execution", execution)
                .put("retry_after_ms", Math.max(1, left.toMillis())));
    }

    JsonObject json(boolean repeated) {
        return new JsonObject()
                .put("batch", batch)
                .put("repeated", repeated)
                .put("counted", settlements[Settlement.COUNTED.ordinal()])
                .put("ignored", settlements[Settlement.IGNORED.ordinal()])
                .put("late", settlements[Settlement.LATE.ordinal()])
                .put("settled", settled)
                .put("refused", refused)
                .put("errors", errors)
                .put("entries", entries)
                .put("not_stored", notStored)
                .put("entries_again_ms", entriesAgainMillis)
                .put("loops", loops);
    }
}
