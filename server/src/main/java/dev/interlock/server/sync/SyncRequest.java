package dev.interlock.server.sync;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client says. Immutable except for its arrays, which nobody changes.
 *
 * @param client its random id
 * @param name what people call it, or null
 * @param onUnreachable what it does when it hears nothing
 * @param generation the server's life that it last heard, 0 for none
 * @param cursor up to where changes are in effect in it, -1 for none
 * @param watch the circuits that it wants to hear of, or null for those of before
 * @param watchNumber which of its lists this is, 0 without a number
 * @param waitMillis how long the answer may be held back
 * @param batch the number of its report, 0 without one
 * @param outcomes a JSON array, or null
 * @param refusals calls that it refused itself
 * @param entries a JSON array, or null
 * @param sentAt its clock, or null
 * @param leaving whether its process ends, and this is the last that it says
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SyncRequest(
        String client,
        @Nullable String name,
        OnUnreachable onUnreachable,
        long generation,
        long cursor,
        @Nullable List<String> watch,
        long watchNumber,
        int waitMillis,
        long batch,
        byte @Nullable [] outcomes,
        List<Refusals> refusals,
        byte @Nullable [] entries,
        @Nullable String sentAt,
        boolean leaving) {

    /** What a client does while it hears of no server. */
    enum OnUnreachable {
        LOCAL,
        ALLOW,
        REFUSE
    }

    /**
     * Calls that a client refused.
     *
     * @param agent whose calls
     * @param circuit what refused them
     * @param count how many
     */
    record Refusals(String agent, String circuit, int count) {}
}
