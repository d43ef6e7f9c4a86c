package dev.interlock.monitor;

import java.util.HashMap;
import java.util.Map;

/**
 * A room that several owners share, such that none can fill it: each may hold as much as a fixed part of what is still
 * free. Where one alone gets a quarter of the room, two get a fifth each and seven a tenth each: however many there are,
 * there is room for another.
 *
 * <p>Safe for use by any thread.
 */
public final class Shares {
    private static final int ALL = 100;

    private final long room;
    private final int alone;
    private final Map<String, Long> held = new HashMap<>();
    private long total;

    /**
     * An empty room.
     *
     * @param room how much it holds, at least 1
     * @param alone what an owner that is alone may hold of it, in percent, 1 to 99
     * @throws IllegalArgumentException if either is not so
     */
    public Shares(long room, int alone) {
        if (room < 1 || alone < 1 || alone >= ALL) {
            throw new IllegalArgumentException("A room to share must hold at least 1, and one alone may have 1 to 99"
                    + " percent of it, but was given " + room + " and " + alone);
        }
        this.room = room;
        this.alone = alone;
    }

    /**
     * Takes some of the room.
     *
     * @param owner for whom
     * @param amount how much, at least 0
     * @return false, and nothing is taken, if the owner would hold more than its share
     */
    public synchronized boolean take(String owner, long amount) {
        if (!fits(owner, amount)) {
            return false;
        }
        hold(owner, amount);
        return true;
    }

    /**
     * Whether {@link #take} would succeed at this moment.
     *
     * @param owner for whom
     * @param amount how much
     * @return false if the owner would hold more than its share
     */
    public synchronized boolean fits(String owner, long amount) {
        double own = held.getOrDefault(owner, 0L) + amount;
        double free = room - total - amount;
        return own * (ALL - alone) <= free * alone;
    }

    /**
     * Takes some of the room, whether it fits or not: what is there already has to be counted.
     *
     * @param owner for whom
     * @param amount how much
     */
    public synchronized void hold(String owner, long amount) {
        if (amount > 0) {
            held.merge(owner, amount, Long::sum);
            total += amount;
        }
    }

    /**
     * Gives back what was taken or held.
     *
     * @param owner who had it
     * @param amount how much of it
     */
    public synchronized void give(String owner, long amount) {
        Long present = held.get(owner);
        if (present == null || amount <= 0) {
            return;
        }
        long given = Math.min(present, amount);
        if (given == present) {
            held.remove(owner);
        } else {
            held.put(owner, present - given);
        }
        total -= given;
    }

    /**
     * What an owner holds.
     *
     * @param owner which
     * @return how much, 0 if nothing
     */
    public synchronized long held(String owner) {
        return held.getOrDefault(owner, 0L);
    }

    /**
     * What all hold together.
     *
     * @return how much
     */
    public synchronized long total() {
        return total;
    }
}
