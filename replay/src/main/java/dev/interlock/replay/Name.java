package dev.interlock.replay;

import dev.interlock.CircuitId;

/**
 * The name of an agent or a target, once for all rows that bear it. Compared by identity.
 *
 * <p>Agents and targets share one space, as circuits do.
 */
final class Name {
    private final int number;
    private final CircuitId id;

    Name(int number, CircuitId id) {
        this.number = number;
        this.id = id;
    }

    /** Counted from 0, without gaps. */
    int number() {
        return number;
    }

    CircuitId id() {
        return id;
    }

    @Override
    public String toString() {
        return id.name();
    }
}
