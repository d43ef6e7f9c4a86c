package dev.interlock.server.alerts;

import dev.interlock.jdbc.TrailReader;
import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.jdbc.WebhookOutbox;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** Follows the audit trail for webhooks that hear of single circuits. For one thread, but {@link #isDue}. */
final class Trail {
    private static final Duration LOOKED = Duration.ofSeconds(5);

    /** How many pages are read in one step. */
    private static final int PAGES = 20;

    private final WebhookOutbox outbox;
    private final TrailReader reader;
    private final long process;
    private volatile boolean due = true;
    private long stored;
    private Instant look = Instant.MIN;

    Trail(WebhookOutbox outbox, long process) {
        this.outbox = outbox;
        this.reader = outbox.trail();
        this.process = process;
    }

    /** There may be new lines. */
    void isDue() {
        due = true;
    }

    /** Begins again where the database says, since another server may have gone on. */
    void forget() {
        reader.begin(0);
        stored = 0;
        due = true;
    }

    /** Stores what webhooks are to hear of new lines, if there can be any; false if another server has that duty. */
    boolean follow(Instant now) {
        if (!due && now.isBefore(look)) {
            return true;
        }
        due = false;
        look = now.plus(LOOKED);
        boolean followed = false;
        try {
            OptionalLong progress = outbox.progress();
            if (progress.isPresent() && progress.getAsLong() > stored) {
                stored = progress.getAsLong();
                reader.begin(stored);
            }
            followed = progress.isEmpty() || take(now);
            return followed;
        } finally {
            if (!followed) {
                forget();
            }
        }
    }

    private boolean take(Instant now) {
        for (int page = 0; page < PAGES; page++) {
            List<Line> lines = reader.next();
            long progress = reader.progress();
            if (!lines.isEmpty() || progress > stored) {
                if (!outbox.take(process, lines, progress, now)) {
                    return false;
                }
                stored = progress;
            }
            if (!reader.hasMore()) {
                return true;
            }
        }
        due = true; // goes on once it is known whether this server still has the duty
        return true;
    }
}
