package dev.interlock.server.shares;

import java.util.HashMap;
import java.util.Map;

/**
 * A room that organizations share, so that none can fill it: each may hold as much as a third of what is still free. One
 * alone gets a quarter of the room, two get a fifth each, and however many there are, some room is left for another.
 *
 * <p>Safe for use by any thread.
 */
public final class Shares {
    private static final int PART = 3;

    private final long room;
    private final Map<String, Long> held = new HashMap<>();
    private long total;

    /**
     * An empty room.
     *
     * @param room how much it holds, at least 4
     * @throws IllegalArgumentException if that is less
     */
    public Shares(long room) {
        if (room < PART + 1) {
            throw new IllegalArgumentException(
                    "A room to share must hold at least " + (PART + 1) + ", but was " + room);
        }
        this.room = room;
    }

    /**
     * Takes some of the room.
     *
     * @param organization for whom
     * @param amount how much, at least 0
     * @return false, and nothing is taken, if the organization would hold more than its share
     */
    public synchronized boolean take(String organization, long amount) {
        long own = held.getOrDefault(organization, 0L) + amount;
        if (own > (room - total - amount) / PART) {
            return false;
        }
        held.put(organization, own);
        total += amount;
        return true;
    }

    /**
     * Gives back what was taken.
     *
     * @param organization who had it
     * @param amount how much of it
     */
    public synchronized void give(String organization, long amount) {
        long left = held.getOrDefault(organization, 0L) - amount;
        if (left > 0) {
            held.put(organization, left);
        } else {
            held.remove(organization);
        }
        total -= amount;
    }

    /**
     * What an organization holds.
     *
     * @param organization which
     * @return how much, 0 for one that holds nothing
     */
    public synchronized long held(String organization) {
        return held.getOrDefault(organization, 0L);
    }

    /** What all hold together. */
    public synchronized long total() {
        return total;
    }
}
