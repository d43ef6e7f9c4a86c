package dev.interlock.server.security;

/** How an attempt to remove a key ended. */
public enum KeyRemoval {
    /** It is gone, and counts no more on this server. */
    REMOVED,
    /** There is no such key, at least not for this caller. */
    UNKNOWN,
    /** It is the key of the call itself, which stays, so that an organization does not lock itself out. */
    OWN
}
