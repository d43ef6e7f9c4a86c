package dev.interlock.server.status;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.Refusal;
import dev.interlock.Settlement;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one organization's calls and circuits did. Safe for use by any thread. */
final class OwnCalls {
    private static final String PERMITS = "interlock_permits_total";
    private static final String REFUSALS = "interlock_refusals_total";
    private static final String OUTCOMES = "interlock_outcomes_total";
    private static final String TRANSITIONS = "interlock_transitions_total";

    /** What is shown from the first scrape on, so that an alert sees the first step of a counter as well. */
    private static final Map<CircuitState, Set<TransitionCause>> USUAL = Map.of(
            CircuitState.OPEN,
            Set.of(
                    TransitionCause.FAILURE_STREAK,
                    TransitionCause.FAILURE_RATE,
                    TransitionCause.SLOW_CALL_RATE,
                    TransitionCause.FAILURE_KIND,
                    TransitionCause.CALLER_ALONE,
                    TransitionCause.PROBES_FAILED,
                    TransitionCause.TRIAL_FAILED,
                    TransitionCause.HEALTH,
                    TransitionCause.OVERRIDE,
                    TransitionCause.ADOPTED),
            CircuitState.HALF_OPEN,
            Set.of(TransitionCause.COOLDOWN_OVER, TransitionCause.REAL_TRIAL),
            CircuitState.CLOSED,
            Set.of(TransitionCause.TRIALS_SUCCEEDED, TransitionCause.OVERRIDE, TransitionCause.ADOPTED));

    private static final CircuitState[] STATES = CircuitState.values();
    private static final TransitionCause[] CAUSES = TransitionCause.values();
    private static final FailureKind[] KINDS = FailureKind.values();
    private static final Settlement[] SETTLEMENTS = Settlement.values();
    private static final int GRANTED = Refusal.values().length;

    private final Counters permits = new Counters(GRANTED + 1);
    private final Counters outcomes = new Counters((KINDS.length + 1) * SETTLEMENTS.length);
    private final Counters transitions = new Counters(STATES.length * CAUSES.length);

    void granted() {
        permits.count(GRANTED);
    }

    void refused(Refusal why) {
        permits.count(why.ordinal());
    }

    void settled(Outcome outcome, Settlement settlement) {
        outcomes.count(index(outcome.kind(), settlement));
    }

    void moved(StateTransition transition) {
        transitions.count(index(transition.to(), transition.cause()));
    }

    void write(MetricText text) {
        long refused = 0;
        for (Refusal why : Refusal.values()) {
            refused += permits.get(why.ordinal());
        }
        text.family(PERMITS, "counter", "Permits that the caller's organization asked this server for");
        text.sample(PERMITS, permits.get(GRANTED), "result", "granted");
        text.sample(PERMITS, refused, "result", "refused");
        text.family(REFUSALS, "counter", "Permits that were refused, by cause");
        for (Refusal why : Refusal.values()) {
            text.sample(REFUSALS, permits.get(why.ordinal()), "cause", name(why));
        }
        text.family(OUTCOMES, "counter", "Outcomes that circuits of the caller's organization took in");
        writeOutcomes(text, null);
        for (FailureKind kind : KINDS) {
            writeOutcomes(text, kind);
        }
        text.family(TRANSITIONS, "counter", "Transitions of circuits of the caller's organization");
        for (CircuitState to : STATES) {
            for (TransitionCause cause : CAUSES) {
                long count = transitions.get(index(to, cause));
                if (count > 0 || USUAL.getOrDefault(to, Set.of()).contains(cause)) {
                    text.sample(TRANSITIONS, count, "to", name(to), "cause", name(cause));
                }
            }
        }
    }

    private void writeOutcomes(MetricText text, @Nullable FailureKind kind) {
        for (Settlement settlement : SETTLEMENTS) {
            long count = outcomes.get(index(kind, settlement));
            if (count > 0 || settlement == Settlement.COUNTED) {
                text.sample(
                        OUTCOMES, count, "kind", kind == null ? "success" : name(kind), "settlement", name(settlement));
            }
        }
    }

    private static int index(@Nullable FailureKind kind, Settlement settlement) {
        return (kind == null ? 0 : kind.ordinal() + 1) * SETTLEMENTS.length + settlement.ordinal();
    }

    private static int index(CircuitState to, TransitionCause cause) {
        return to.ordinal() * CAUSES.length + cause.ordinal();
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
