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
    void noted(Policy policy, Evidence evidence) {
        counts.failures().note(evidence, evidence.isFatal() && needsCallers(policy, evidence));
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

    @Override
    long waitEnd() {
        return Math.max(super.waitEnd(), counts.failures().waitEndElsewhere());
    }

    Unreported counts() {
        return counts;
    }

    /** What was counted since the last tally. */
    CircuitTally take(long basis, String process, Policy policy) {
        CircuitId id = counts.id();
        boolean asks = counts.failures().takeFatal();
        long calls = counts.takeCalls();
        long timed = counts.takeTimed();
        int failures = RollingWindow.Sum.bad(calls);
        CircuitTally tally = new CircuitTally(
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
        if (asks) {
            counts.failures().asks(tally);
        }
        return tally;
    }

    /** The longest wait of the streak that is left, or that of the last failure where only that one counts. */
    private long waitLeft(Policy policy) {
        Evidence last = counts.failures().worst();
        long end = policy.config.minCallers() == 1
                ? super.waitEnd()
                : last == null || streak() == 0 ? RollingWindow.NEVER : last.waitEnd();
        return end == RollingWindow.NEVER ? 0 : Math.max(0, end - policy.time.ticks());
    }
}
