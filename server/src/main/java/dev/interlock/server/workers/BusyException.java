package dev.interlock.server.workers;

/** Work that was not done, since too much of its organization waits, or it would have waited or taken too long. */
public final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean ownFault;

    private BusyException(String message, boolean ownFault) {
        super(message, null, false, false);
        this.ownFault = ownFault;
    }

    static BusyException tooMany() {
        return new BusyException(
                "Too many calls of this organization wait for their turn at this moment; send this one again later",
                true);
    }

    static BusyException tooLong(String what) {
        return new BusyException(what + "; send this call again later", false);
    }

    /**
     * Whether the organization itself is to blame.
     *
     * @return true if it should send less (429), false if the server is slow (503)
     */
    public boolean ownFault() {
        return ownFault;
    }
}
