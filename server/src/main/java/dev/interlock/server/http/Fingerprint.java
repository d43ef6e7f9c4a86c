package dev.interlock.server.http;

import org.jspecify.annotations.Nullable;

/**
 * What distinguishes a list from what it was before, whatever the order in which it is looked through: a number that is
 * another, except for a chance of 1 in 2⁶⁴, once something of it has changed. For one thread at a time.
 */
public final class Fingerprint {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private long sum;
    private long entry;
    private long count;

    /**
     * Begins an entry of the list.
     *
     * @param name by which it is distinguished
     * @return this
     */
    public Fingerprint entry(String name) {
        sum += entry;
        entry = 0;
        count++;
        return with(name);
    }

    /**
     * Adds a number of the entry.
     *
     * @param number of any meaning; the order in which they are added counts
     * @return this
     */
    public Fingerprint with(long number) {
        long mixed = (entry ^ number) * MULTIPLIER;
        mixed = (mixed ^ mixed >>> 32) * MULTIPLIER;
        entry = mixed ^ mixed >>> 29;
        return this;
    }

    /**
     * Adds something else of the entry.
     *
     * @param value whose text distinguishes it, or null
     * @return this
     */
    public Fingerprint with(@Nullable Object value) {
        if (value == null) {
            return with(-1);
        }
        String text = value.toString();
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = hash * MULTIPLIER + text.charAt(i);
        }
        return with(hash);
    }

    /**
     * The entity tag of the list as it is now.
     *
     * @return a weak one
     */
    public String tag() {
        return "W/\"" + Long.toHexString(count) + '-' + Long.toHexString(sum + entry) + '"';
    }
}
