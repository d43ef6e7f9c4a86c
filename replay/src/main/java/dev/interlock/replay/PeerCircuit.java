package dev.interlock.replay;

/** A circuit of a peer, as its own code decides: it knows no epochs, so no outcome is late. */
abstract class PeerCircuit extends Circuit {

    PeerCircuit(String name, Incidents incidents) {
        super(name, incidents);
    }

    /** Whether a call may go now; it takes a place if places are few. */
    abstract boolean admits(long now);

    /** A place is given back without an outcome. */
    abstract void giveBack();

    /** A call that was let through has ended now. */
    abstract void ended(Call call, long now);

    @Override
    final long late() {
        return 0;
    }
}
