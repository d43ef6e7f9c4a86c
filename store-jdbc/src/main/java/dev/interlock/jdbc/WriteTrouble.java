package dev.interlock.jdbc;

import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;

/**
 * Whether the last write failed, and why. The log says so once when that begins, and once when it has ended. Safe for use
 * by any thread.
 */
final class WriteTrouble {
    private enum State {
        NONE,
        AWAY,
        DISK_FULL
    }

    private static final Logger LOG = Logs.of(WriteTrouble.class);

    private final AtomicReference<State> state = new AtomicReference<>(State.NONE);

    /** A write failed; what it was about may be tried again. */
    void begins(String reason, boolean isDiskFull) {
        State before = state.getAndSet(isDiskFull ? State.DISK_FULL : State.AWAY);
        if (before == State.NONE) {
            LOG.warn(
                    "The database cannot be written: {}. Circuits go on; their changes are stored when it can be written"
                            + " again",
                    reason);
        }
    }

    /** A write succeeded. */
    void ends() {
        if (state.get() != State.NONE && state.getAndSet(State.NONE) != State.NONE) {
            LOG.info("The database can be written again");
        }
    }

    boolean isDiskFull() {
        return state.get() == State.DISK_FULL;
    }
}
