package dev.interlock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody does to a circuit, with who does it. Immutable.
 *
 * @param action what to do
 * @param actor who says so, 1 to 256 characters
 * @param reason why, or null; at most 1,024 characters
 * @param until when a hold ends by itself, or null for never; only holds may carry one
 */
public record ManualOverride(
        OverrideAction action,
        String actor,
        @Nullable String reason,
        @Nullable Instant until) {
    private static final int ACTOR_LENGTH = 256;
    private static final int REASON_LENGTH = 1024;

    /**
     * Checks the override.
     *
     * @throws IllegalArgumentException if the actor is blank, a text is too long or holds a control character, or an
     *     end is given without a hold
     */
    public ManualOverride {
        if (actor.isBlank()) {
            throw new IllegalArgumentException("An override needs an actor: who makes it");
        }
        if (actor.length() > ACTOR_LENGTH) {
            throw new IllegalArgumentException(
                    "An actor may have at most " + ACTOR_LENGTH + " characters, but this one has " + actor.length());
        }
        if (reason != null && reason.length() > REASON_LENGTH) {
            throw new IllegalArgumentException(
                    "A reason may have at most " + REASON_LENGTH + " characters, but this one has " + reason.length());
        }
        checkPrintable("An actor", actor);
        if (reason != null) {
            checkPrintable("A reason", reason);
        }
        if (until != null && action != OverrideAction.HOLD_OPEN && action != OverrideAction.HOLD_CLOSED) {
            throw new IllegalArgumentException("Only a hold can end at " + until + ", but the action is " + action);
        }
    }

    /**
     * An override without a reason.
     *
     * @param action what to do
     * @param actor who says so
     * @return the override
     * @throws IllegalArgumentException as the constructor does
     */
    public static ManualOverride of(OverrideAction action, String actor) {
        return new ManualOverride(action, actor, null, null);
    }

    /**
     * This override with a reason.
     *
     * @param text why
     * @return the override
     * @throws IllegalArgumentException if the text is too long
     */
    public ManualOverride because(String text) {
        return new ManualOverride(action, actor, text, until);
    }

    /**
     * This hold with an end.
     *
     * @param end when it ends, on the wall clock as it is when the override is made; one in the past ends at once
     * @return the override
     * @throws IllegalArgumentException if this is no hold
     */
    public ManualOverride until(Instant end) {
        return new ManualOverride(action, actor, reason, end);
    }

    private static void checkPrintable(String what, String text) {
        String withoutLines = text.replace('\n', ' ').replace('\t', ' ');
        int at = PrintableText.unprintableAt(withoutLines);
        if (at >= 0) {
            throw new IllegalArgumentException(
                    what + " must not hold control characters, format characters or separators of lines, but has "
                            + PrintableText.describe(withoutLines, at));
        }
    }
}
