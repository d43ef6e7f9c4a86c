package dev.interlock.server.circuits;

import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import dev.interlock.store.OpeningRecord;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a circuit is as it is, also where that was decided before this process started, or in another one: that it was
 * resumed, or adopted, is no cause.
 *
 * @param cause as {@link TransitionCause} in lower case; null if it never changed, or nobody here knows
 * @param kind the failure that did it, or null
 * @param actor who did it, or null for the circuit itself
 * @param reason what they gave as the reason, or null
 * @param carriedOver {@code restart} if it was so before this process started, {@code process} if another process on
 *     the same store decided it, else null
 */
public record Why(
        @Nullable String cause,
        @Nullable String kind,
        @Nullable String actor,
        @Nullable String reason,
        @Nullable String carriedOver) {
    private static final String RESTART = "restart";
    private static final Why NEVER = new Why(null, null, null, null, null);

    /**
     * Why a circuit is as it is.
     *
     * @param circuit what it looks like
     * @return the cause of its present epoch
     */
    public static Why of(CircuitSnapshot circuit) {
        StateTransition last = circuit.lastTransition();
        return last == null ? NEVER : of(last, circuit.opening());
    }

    /**
     * Why a circuit moved.
     *
     * @param last how its epoch began
     * @param opening why it opened, if it is open and that is known
     * @return the cause of that epoch
     */
    public static Why of(StateTransition last, @Nullable OpeningRecord opening) {
        return switch (last.cause()) {
            case RESUMED -> carriedOver(last, opening, RESTART);
            case ADOPTED -> carriedOver(last, opening, "process");
            default ->
                new Why(
                        CircuitJson.text(last.cause()),
                        last.kind() == null ? null : last.kind().name(),
                        last.actor(),
                        last.reason(),
                        null);
        };
    }

    /** A record has who changed it last, and why it opened; where both are of one actor, the opening was that change. */
    private static Why carriedOver(StateTransition last, @Nullable OpeningRecord opening, String from) {
        String actor = last.actor();
        boolean openedByThat = last.hold() == null && opening != null && Objects.equals(opening.actor(), actor);
        if (opening != null && (actor == null || openedByThat)) {
            return new Why(opening.cause(), opening.kind(), opening.actor(), opening.reason(), from);
        }
        if (actor != null) {
            return new Why(CircuitJson.text(TransitionCause.OVERRIDE), null, actor, last.reason(), from);
        }
        // Nothing but trials closes a circuit by itself.
        boolean closed = last.to() == CircuitState.CLOSED && last.from() != CircuitState.CLOSED;
        return new Why(
                closed ? CircuitJson.text(TransitionCause.TRIALS_SUCCEEDED) : null, null, null, last.reason(), from);
    }

    /**
     * A transition as a sentence for people, with this cause.
     *
     * @param transition of the epoch that this is about
     * @return one line
     */
    public String describe(StateTransition transition) {
        if (carriedOver == null) {
            return transition.describe();
        }
        String from = carriedOver.equals(RESTART) ? "before the restart" : "decided by another process";
        String words = cause == null ? from : words(cause, kind) + ", " + from;
        return transition.describe().replace(transition.cause().words(), words);
    }

    /** A cause of a newer version has no words here. */
    private static String words(String cause, @Nullable String kind) {
        return Stream.of(TransitionCause.values())
                .filter(each -> CircuitJson.text(each).equals(cause))
                .map(each -> each.words(kind))
                .findFirst()
                .orElseGet(() -> cause.replace('_', ' ') + (kind == null ? "" : " (" + kind + ")"));
    }
}
