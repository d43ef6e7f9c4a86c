package dev.interlock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a circuit's probes at one moment. Immutable.
 *
 * @param trusted whether they decide: from the first success while the circuit was closed, until real calls show that
 *     they are wrong. Without trust, trials with real calls decide
 * @param lastGood how the last probe ended, or null if none has
 * @param lastAt when it ended, by the wall clock, or null
 * @param nextAt when the next one is due, by the wall clock, or null while none is
 * @param realTrialAt when a real trial is admitted, whatever the probes say, by the wall clock; null unless the circuit
 *     is open and its probes decide
 */
@Beta
public record ProbeStatus(
        boolean trusted,
        @Nullable Boolean lastGood,
        @Nullable Instant lastAt,
        @Nullable Instant nextAt,
        @Nullable Instant realTrialAt) {

    /** What is known of a circuit's probes; null if it has none. */
    static @Nullable ProbeStatus of(CircuitId id, Epoch epoch, Policy policy, long now) {
        ProbedCircuit probed = policy.probe() == null ? null : policy.engine.trusts.find(id);
        if (probed == null) {
            return null;
        }
        Trust trust = probed.trust();
        OpenEpoch open = epoch instanceof OpenEpoch present && !present.isHeld() ? present : null;
        Prober prober = open == null ? null : open.prober();
        boolean searching = !trust.trusted() && probed.search() != null;
        long next = prober != null ? prober.next() : searching ? probed.next : RollingWindow.NEVER;
        long realTrial = open == null || prober == null ? RollingWindow.NEVER : open.realTrialDue(policy);
        Instant wall = policy.time.wallTime();
        return new ProbeStatus(
                trust.trusted(), trust.last(), trust.at(), at(next, now, wall), at(realTrial, now, wall));
    }

    private static @Nullable Instant at(long tick, long now, Instant wall) {
        return tick == RollingWindow.NEVER ? null : wall.plusNanos(Math.max(0, tick - now));
    }
}
