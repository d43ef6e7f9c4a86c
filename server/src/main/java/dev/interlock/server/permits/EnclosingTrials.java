package dev.interlock.server.permits;

import dev.interlock.Permit;
import dev.interlock.TimeSource;
import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The trials around a call that is made within others: it may run in the place of the innermost of its circuit. Safe for use
 * by any thread.
 */
final class EnclosingTrials {
    private final TrialsOut out;
    private final long generation;

    /**
     * @param out the trials of this server
     * @param generation the life of this server
     */
    EnclosingTrials(TrialsOut out, long generation) {
        this.out = out;
        this.generation = generation;
    }

    /** The innermost call around another that is a trial of this server; null if none is. */
    @Nullable
    Permit here(List<Ancestor> around) {
        for (Ancestor each : around) {
            TrialsOut.Trial trial = find(each);
            if (trial != null) {
                return trial.permit();
            }
        }
        return null;
    }

    /**
     * The trials among all servers, the innermost first, and how long ago each began: by this server's clock where it gave
     * the permit, else by the wall clock.
     */
    Map<GivenTrial, Duration> shared(List<Ancestor> around, TimeSource time) {
        Map<GivenTrial, Duration> trials = new LinkedHashMap<>();
        for (Ancestor each : around) {
            TrialsOut.Trial own = find(each);
            if (own != null) {
                Duration age = Duration.ofNanos(Math.max(0, time.ticks() - own.issuedTicks()));
                own.permit().trials().forEach(trial -> trials.put(trial, age));
            }
            each.trials()
                    .forEach((trial, since) -> trials.putIfAbsent(
                            trial, Duration.ofMillis(Math.max(0, time.wallTime().toEpochMilli() - since))));
        }
        return trials;
    }

    private TrialsOut.@Nullable Trial find(Ancestor permit) {
        return permit.generation() == generation ? out.find(permit.number()) : null;
    }
}
