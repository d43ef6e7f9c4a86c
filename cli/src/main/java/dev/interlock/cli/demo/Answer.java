package dev.interlock.cli.demo;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the gate says. Immutable.
 *
 * @param leave settles the call that may be made, once; null if it may not
 * @param refusedBy the circuit that refuses; null if there is leave, or if the gate could not be asked
 * @param waitMillis when to retry, in milliseconds of the story; 0 if the call is permitted
 */
record Answer(@Nullable Consumer<Ending> leave, @Nullable String refusedBy, long waitMillis) {
    private static final long AWAY = 1_000;

    static Answer leave(Consumer<Ending> settle) {
        return new Answer(settle, null, 0);
    }

    static Answer refused(String by, long waitMillis) {
        return new Answer(null, by, waitMillis);
    }

    /** The gate could not be asked. */
    static Answer away() {
        return new Answer(null, null, AWAY);
    }
}
