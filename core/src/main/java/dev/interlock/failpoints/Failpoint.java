package dev.interlock.failpoints;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The places between two steps that a crash could part, by name. A test that starts its JVM with {@code
 * -Dinterlock.failpoints=CLASS} has an object of that class called at each of them, to throw, to wait or to kill; without
 * the property they are nothing: the JIT compiles them away. None lies on a good call's path.
 */
public enum Failpoint {
    // The writer of circuits.
    /** Notes were taken off, and are not written. */
    NOTES_TAKEN,
    /** The store has what was noted, and nobody knows. */
    CIRCUITS_WRITTEN,
    /** It is known to be written, and who waits has not heard. */
    WRITTEN_UNHEARD,

    // Gates.
    /** A gate acts here, and is not noted to be stored. */
    GATE_SHOWN,
    /** The store has a gate, and nobody knows. */
    GATES_WRITTEN,

    // Places of trials that are shared.
    /** A trial was given, and has no desk. */
    TRIAL_GIVEN,
    /** A trial has ended here, and the others do not know. */
    TRIAL_ENDED,

    // Databases.
    /** Rows of circuits are in the transaction, and their lines of the audit trail are not. */
    ROWS_WRITTEN,
    /** All of it is in the transaction, which is not committed. */
    LINES_WRITTEN,
    /** A gate's row is in the transaction, and its line of the trail is not. */
    GATE_ROW_WRITTEN,
    /** Rows of the agent log, or of health, are committed, and still count as waiting. */
    LOG_WRITTEN,
    /** An organization's incidents are in the transaction, and neither what is to be sent of them nor a commit. */
    INCIDENTS_WRITTEN,

    // Redis, and the database behind it.
    /** What is not closed is in the index, and its record is not written. */
    INDEXED,
    /** The record is written, and a closed circuit is still in the index. */
    RECORD_WRITTEN,
    /** Redis has agreed, and the database is not owed it. */
    AGREED,
    /** An override is owed to the database, and Redis was not asked. */
    OVERRIDE_OWED,
    /** The database has what it was owed, and the debt is still noted. */
    DEBT_PAID,
    /** The database has given a generation, and Redis has not raised its own. */
    GENERATION_GIVEN,
    /** A gate is in Redis, and not in the database. */
    GATE_AGREED,
    /** Redis was found, and nobody goes by it. */
    REDIS_FOUND,

    // The server's tables.
    /** A key is in the database, and does not count. */
    KEY_STORED,
    /** A key is gone from the database, and still counts. */
    KEY_REMOVED,
    /** A policy is in the database, and does not apply. */
    POLICY_STORED,
    /** A policy is gone from the database, and still applies. */
    POLICY_REMOVED,
    /** A receiver has answered a message, and the database does not know. */
    ALERT_SENT;

    private static final @Nullable Consumer<Object> HOOK = hook();

    /** This place is reached: does nothing but in tests. */
    public void reach() {
        if (HOOK != null) {
            HOOK.accept(this);
        }
    }

    @SuppressWarnings("unchecked") // whatever it takes, it is a test's
    private static @Nullable Consumer<Object> hook() {
        String wanted = System.getProperty("interlock.failpoints");
        if (wanted == null) {
            return null;
        }
        try {
            return Class.forName(wanted)
                    .asSubclass(Consumer.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException none) {
            throw new IllegalStateException("interlock.failpoints = " + wanted + ": must be a class of a test", none);
        }
    }
}
