package dev.interlock.jdbc;

import dev.interlock.monitor.loops.Loop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Loops that webhooks may hear of. Noting waits for nothing: some thousands wait for the database, and beyond that the oldest
 * are lost. Safe for use by any thread.
 */
public final class LoopEvents implements AutoCloseable {
    private static final FairQueue.Bounds BOUNDS = new FairQueue.Bounds(10_000, 4L << 20);
    private static final int EVENT_CHARACTERS = 400;

    private final RowWriter<WebhookEvent> writer;

    LoopEvents(Connections database) {
        writer = new RowWriter<>(
                "interlock-loop-writer",
                BOUNDS,
                WebhookEvent::organization,
                event -> EVENT_CHARACTERS,
                new Losses("Loops that webhooks may hear of never reached the database", Instant::now),
                events -> database.writeBehindOthers(
                        events, (handle, some) -> EventTable.add(handle, database.dialect(), some)));
    }

    /**
     * Notes a loop, if any webhook hears of loops.
     *
     * @param loop what was found
     * @param refuses whether further calls of its execution are refused
     */
    public void note(Loop loop, boolean refuses) {
        writer.add(List.of(WebhookEvent.of(loop, refuses)));
    }

    /**
     * Waits until every loop that was noted up to now is in the database.
     *
     * @param atMost how long to wait
     * @return false if that took longer
     */
    public boolean flush(Duration atMost) {
        return writer.flush(atMost);
    }

    /** Writes what waits, for at most 5 s. */
    @Override
    public void close() {
        writer.close();
    }
}
