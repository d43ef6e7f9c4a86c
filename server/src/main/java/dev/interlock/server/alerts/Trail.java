package dev.interlock.server.alerts;

import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.jdbc.WebhookOutbox;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Follows the audit trail for webhooks that hear of single circuits: each line once, also those that are written a moment
 * later than their numbers say. For one thread, but {@link #isDue}.
 */
final class Trail {
    private static final Duration LOOKED = Duration.ofSeconds(5);
    private static final Duration LATELY = Duration.ofMinutes(1);
    private static final int OVERLAP = 200;
    private static final int AT_ONCE = 500;

    private final WebhookOutbox outbox;
    private final long process;
    private final Set<Long> counted = new HashSet<>();
    private volatile boolean due = true;
    private long progress;
    private Instant look = Instant.MIN;

    Trail(WebhookOutbox outbox, long process) {
        this.outbox = outbox;
        this.process = process;
    }

    /** There may be new lines. */
    void isDue() {
        due = true;
    }

    /** Begins again where the database says, since another server may have gone on. */
    void forget() {
        progress = 0;
        counted.clear();
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
            OptionalLong stored = outbox.progress();
            if (stored.isPresent() && stored.getAsLong() > progress) {
                progress = stored.getAsLong();
            }
            followed = stored.isEmpty() || take(now);
            return followed;
        } finally {
            due |= !followed;
        }
    }

    private boolean take(Instant now) {
        boolean more = true;
        while (more) {
            List<Line> lines = outbox.lines(Math.max(0, progress - OVERLAP), AT_ONCE);
            List<Line> fresh = lines.stream().filter(line -> isFresh(line, now)).toList();
            long last = lines.isEmpty() ? progress : lines.get(lines.size() - 1).id();
            more = lines.size() == AT_ONCE && last > progress;
            if (last > progress || !fresh.isEmpty()) {
                if (!outbox.take(process, fresh, Math.max(progress, last), now)) {
                    return false;
                }
                progress = Math.max(progress, last);
                fresh.forEach(line -> counted.add(line.id()));
                counted.removeIf(id -> id < progress - OVERLAP);
            }
        }
        return true;
    }

    private boolean isFresh(Line line, Instant now) {
        boolean late = line.id() <= progress;
        return !counted.contains(line.id()) && !(late && line.transition().at().isBefore(now.minus(LATELY)));
    }
}
