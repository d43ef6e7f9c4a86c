package dev.interlock;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An override of a circuit, with the person who gives it. Immutable.
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

    /**
     * Checks the override.
     *
     * @throws IllegalArgumentException if the actor is blank, a text is too long or holds a control character, or an
     *     end is given without a hold
     */
    public ManualOverride {
        Objects.requireNonNull(action, "action must not be null");
        Signature.check("An override", actor, reason);
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
        Objects.requireNonNull(text, "A reason must not be null");
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
        Objects.requireNonNull(end, "An end must not be null");
        return new ManualOverride(action, actor, reason, end);
    }
}
