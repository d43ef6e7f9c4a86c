package dev.interlock;

import org.jspecify.annotations.Nullable;

/** Who did something by hand and why, in a form that every list and log can show. */
final class Signature {
    private static final int ACTOR_LENGTH = 256;
    private static final int REASON_LENGTH = 1024;

    private Signature() {}

    /**
     * Refuses texts that cannot be shown in a line.
     *
     * @param what begins the message: what somebody did
     * @throws IllegalArgumentException if the actor is blank, or a text is too long or not printable
     */
    static void check(String what, String actor, @Nullable String reason) {
        if (actor.isBlank()) {
            throw new IllegalArgumentException(what + " needs an actor: who makes it");
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
