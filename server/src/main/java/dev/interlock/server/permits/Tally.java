package dev.interlock.server.permits;

import dev.interlock.Settlement;

/** Hears what becomes of each of many outcomes. Called by one thread at a time. */
public interface Tally {
    /**
     * An outcome was taken in.
     *
     * @param settlement what its circuit made of it
     * @param settled whether it settled a permit
     */
    void taken(Settlement settlement, boolean settled);

    /**
     * An outcome was not taken in.
     *
     * @param index its place among all, from 0
     * @param detail what was wrong with it, and what would be right
     */
    void refused(int index, String detail);
}
