package dev.interlock.store;

/** Hears what others write to a store. Called on a thread of the store's, one call at a time; must not block for long. */
public interface CircuitSubscriber {
    /**
     * Somebody has written a circuit: another writer or, where a store cannot distinguish them, this one.
     *
     * @param record as it is stored now; one that was overtaken meanwhile may be left out
     */
    void onChanged(CircuitRecord record);

    /** Changes may have been missed: the subscriber should read again what it cares about. */
    void onGap();

    /**
     * Nothing is known to have been missed, but it may be: the subscriber should compare what is stored with what it has.
     */
    default void onReconcile() {
        onGap();
    }

    /**
     * Somebody has written a record that this version cannot read.
     *
     * @param unreadable which one, and why
     */
    default void onUnreadable(UnreadableRecordException unreadable) {}

    /**
     * The store has lost what it held. What is missing there now was forgotten, not closed: the subscriber should write
     * it again.
     */
    default void onForgotten() {
        onGap();
    }
}
