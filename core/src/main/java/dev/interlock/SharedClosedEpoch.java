package dev.interlock;

import dev.interlock.store.CircuitTally;
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

    /** When the longest wait of the streak ends of which others have reported. */
    private volatile long waitEndElsewhere = RollingWindow.NEVER;

    /** A failure of a kind that trips, if all processes are to say whether it does; then while they are asked. */
    private volatile @Nullable Evidence fatal;

    private volatile boolean asksOfFatal;

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
    void noted(Evidence evidence) {
        worst = evidence;
    }

    @Override
    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        if (evidence.isFatal() && needsCallers(policy, evidence)) {
            fatal = evidence;
        }
        return super.reasonToTrip(policy, evidence, failures, window);
    }

    /** What trips at once does so here, unless a trip needs failing callers: only all processes know those. */
    @Override
    boolean decides(Policy policy, Evidence evidence, TransitionCause cause) {
        return cause == TransitionCause.FAILURE_KIND && !needsCallers(policy, evidence)
                || counts.isAlone()
                || !tallies.areTogether()
                || !counts.hurry();
    }

    private static boolean needsCallers(Policy policy, Evidence evidence) {
        return policy.minCallers > 1 && !evidence.isEverybodys();
    }

    @Override
    void begun() {
        if (callers() instanceof FleetCallers known) {
            counts.report(known);
        }
    }

    /** Whether the report that was answered now held a failure of a kind that trips; true once. */
    boolean takeFatal() {
        boolean asked = asksOfFatal;
        asksOfFatal = false;
        return asked;
    }

    /** The last call that failed here, if its agent has not been found to be the one that fails; taken once. */
    Caller.@Nullable Alone takeAlone() {
        Evidence last = worst;
        Caller.Alone alone = last == null ? null : last.source().alone();
        if (last == null || alone == null || alone.isFound()) {
            return null;
        }
        worst = last.asFound();
        return alone;
    }

    @Override
    long waitEnd() {
        return Math.max(super.waitEnd(), waitEndElsewhere);
    }

    /** The longest wait of the streak that tripped all, as others have reported it. */
    void hearWaitEnd(long tick) {
        waitEndElsewhere = tick;
    }

    Unreported counts() {
        return counts;
    }

    /** What was counted since the last tally. */
    CircuitTally take(long basis, String process, Policy policy) {
        CircuitId id = counts.id();
        asksOfFatal = fatal != null;
        fatal = null;
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
                counts.takeCallers(callers()),
                Duration.ofNanos(failures == 0 ? 0 : waitLeft(policy)),
                policy.tallyRules());
    }

    /** The longest wait of the streak that is left, or that of the last failure where only that one counts. */
    private long waitLeft(Policy policy) {
        Evidence last = worst;
        long end = policy.config.minCallers() == 1
                ? super.waitEnd()
                : last == null || streak() == 0 ? RollingWindow.NEVER : last.waitEnd();
        return end == RollingWindow.NEVER ? 0 : Math.max(0, end - policy.time.ticks());
    }

    /** The last failure, or slow call, that was seen here; null if none was. */
    @Nullable
    Evidence worst() {
        return worst;
    }
}
