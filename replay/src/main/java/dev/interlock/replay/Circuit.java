package dev.interlock.replay;

/** A circuit of the replay as the report sees it, whether it is a real one or that of a peer. */
abstract class Circuit {
    final Tally tally = new Tally();
    final Longs toOpen = new Longs();
    final Longs toRecover = new Longs();

    private final String name;
    private final Incidents incidents;
    private long trippedAt;
    private long openings;
    private long openingsInside;
    private long flaps;

    /**
     * A circuit that is closed.
     *
     * @param name of the agent or target
     * @param incidents during which openings are counted apart
     */
    Circuit(String name, Incidents incidents) {
        this.name = name;
        this.incidents = incidents;
    }

    final String name() {
        return name;
    }

    final long openings() {
        return openings;
    }

    final long openingsInside() {
        return openingsInside;
    }

    /** Openings from half-open. */
    final long flaps() {
        return flaps;
    }

    /** Outcomes that belonged to an earlier epoch. */
    abstract long late();

    /**
     * Closed, it has opened.
     *
     * @param now when
     * @param firstSign when the first of those outcomes counted that together tripped
     */
    final void tripped(long now, long firstSign) {
        opened(now);
        trippedAt = now;
        toOpen.add(now - firstSign);
    }

    /** Half-open, it has opened again. */
    final void flapped(long now) {
        opened(now);
        flaps++;
    }

    final void closed(long now) {
        toRecover.add(now - trippedAt);
    }

    private void opened(long now) {
        openings++;
        openingsInside += incidents.cover(now) ? 1 : 0;
    }
}
