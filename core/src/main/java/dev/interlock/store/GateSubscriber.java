package dev.interlock.store;

/** Hears what others write to a {@link GateStore}. Called on a thread of the store's; must not block for long. */
public interface GateSubscriber {
    /**
     * Somebody has put or removed a gate: another process or, where a store cannot distinguish them, this one.
     *
     * @param record as it is stored now
     */
    void onChanged(GateRecord record);

    /** Changes may have been missed: the subscriber should read all gates again. */
    void onGap();
}
