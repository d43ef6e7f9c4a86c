package dev.interlock.monitor.incidents;

import dev.interlock.FailureKind;
import dev.interlock.TransitionCause;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A circuit that opened in an incident. Immutable.
 *
 * @param name whose circuit
 * @param epoch the number of the epoch of its last opening
 * @param openedAt when it opened first
 * @param closedAt when it closed last; null while it has not
 * @param openings how often it opened, failed trials included
 * @param kind of the failure that opened it first, as the audit trail has it; null if that is not known
 * @param cause why it opened first, as the audit trail has it
 */
public record Affected(
        String name,
        long epoch,
        Instant openedAt,
        @Nullable Instant closedAt,
        int openings,
        @Nullable String kind,
        String cause) {

    /** Kinds that say that the agent itself fails, whatever it depends on. */
    private static final Set<String> OWN =
            Set.of(FailureKind.LOOP.name(), FailureKind.BUDGET.name(), FailureKind.MALFORMED_OUTPUT.name());

    /** The kind of what nobody recognised: it may be an upstream's failure or the agent's. */
    private static final String UNKNOWN = FailureKind.ERROR.name();

    private static final String ALONE = TransitionCause.CALLER_ALONE.name().toLowerCase(Locale.ROOT);

    /** {@return whether the failure is its own, so that nothing that it depends on explains it} */
    boolean failsByItself() {
        return kind != null && OWN.contains(kind) || ALONE.equals(cause);
    }

    /** {@return whether its failure is of a kind that something it depends on is to blame for} */
    boolean blamesOthers() {
        return kind != null && !kind.equals(UNKNOWN) && !failsByItself();
    }

    Affected openedAgain(long newEpoch) {
        return new Affected(name, newEpoch, openedAt, null, openings + 1, kind, cause);
    }

    /** The same circuit in two incidents that become one: why it opened first, and how it is now. */
    Affected joined(Affected other) {
        Affected first = other.openedAt.isBefore(openedAt) ? other : this;
        Affected last = other.epoch > epoch ? other : this;
        return new Affected(
                name, last.epoch, first.openedAt, last.closedAt, openings + other.openings, first.kind, first.cause);
    }

    Affected closed(Instant at) {
        return new Affected(name, epoch, openedAt, at, openings, kind, cause);
    }
}
