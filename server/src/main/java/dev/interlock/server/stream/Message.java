package dev.interlock.server.stream;

/**
 * A message as all its receivers get it: written to JSON once. Immutable.
 *
 * @param key of two waiting messages with equal keys the newer says it all
 * @param agent whom it is about
 * @param epoch the epoch that it is about, or {@link #NO_EPOCH}
 * @param text its JSON
 */
record Message(String key, String agent, long epoch, String text) {
    /** Of messages that are not about a circuit's epoch. */
    static final long NO_EPOCH = -1;
}
