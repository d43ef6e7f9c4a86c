package dev.interlock;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyRules;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An epoch in closed of a circuit that other processes share: what it counts it also reports, and as long as all can be
 * asked their figures decide. What trips at once still does.
 *
 * <p>Its own figures are this process' alone: those of all are known only where they are counted, and come with the
 * answer that trips.
 */
final class SharedClosedEpoch extends ClosedEpoch {
    private final Tallies tallies;
    private final Unreported counts;
    private volatile @Nullable Evidence worst;

    SharedClosedEpoch(Origin origin, CircuitId id, Tallies tallies) {
        super(origin);
        this.tallies = tallies;
        this.counts = new Unreported(id, tallies);
    }

    /** The same epoch as a second object; it reports on where the first one stopped, if that counted together as well. */
    SharedClosedEpoch(ClosedEpoch sealed, CircuitId id, Policy policy, Tallies tallies) {
        super(sealed, policy);
        this.tallies = tallies;
        this.counts = sealed instanceof SharedClosedEpoch shared && shared.tallies == tallies
                ? shared.counts
                : new Unreported(id, tallies);
    }

    @Override
    boolean countsFor(@Nullable Fleet fleet) {
        return fleet != null && fleet.tallies() == tallies;
    }

    @Override
    RollingWindow create(WindowShape shape) {
        return new TalliedWindow(shape, Windows.of(shape), counts);
    }

    @Override
    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        worst = evidence;
        TransitionCause cause = super.reasonToTrip(policy, evidence, failures, window);
        if (cause == null || cause == TransitionCause.FAILURE_KIND || counts.isAlone() || !tallies.areTogether()) {
            return cause;
        }
        return counts.hurry() ? null : cause;
    }

    Unreported counts() {
        return counts;
    }

    /** What was counted since the last tally. */
    CircuitTally take(long basis, String process, Policy policy) {
        CircuitId id = counts.id();
        long calls = counts.takeCalls();
        long timed = counts.takeTimed();
        int failures = RollingWindow.Sum.bad(calls);
        return new CircuitTally(
                id.organization(),
                id.name(),
                basis,
                process,
                RollingWindow.Sum.calls(calls),
                failures,
                RollingWindow.Sum.calls(timed),
                RollingWindow.Sum.bad(timed),
                Math.min(streak(), failures),
                CallerSlots.NONE,
                Duration.ZERO,
                rules(policy));
    }

    /** The last failure, or slow call, that was seen here; null if none was. */
    @Nullable
    Evidence worst() {
        return worst;
    }

    private static TallyRules rules(Policy policy) {
        return new TallyRules(
                policy.streakRule ? policy.failureThreshold : 0,
                policy.failureRateThreshold,
                policy.slowCallRateThreshold,
                policy.minimum,
                policy.config.window().time(),
                policy.config.window().calls());
    }
}
