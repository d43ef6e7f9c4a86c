package dev.interlock.redis;

/**
 * Whether this process goes by what the others say: detached after three bad answers of Redis in a row, attached again
 * after ten good ones. Begins detached. Not safe for use by several threads, except for reading.
 */
final class Attachment {
    static final int BAD_ONES = 3;
    static final int GOOD_ONES = 10;

    private volatile boolean attached;
    private int good;
    private int bad;

    boolean isAttached() {
        return attached;
    }

    /** Takes an answer in time; true if it attaches. */
    boolean good() {
        bad = 0;
        good++;
        if (attached || good < GOOD_ONES) {
            return false;
        }
        attached = true;
        return true;
    }

    /** Takes an answer that came late, or not, or was an error; true if it detaches. */
    boolean bad() {
        good = 0;
        bad++;
        if (!attached || bad < BAD_ONES) {
            return false;
        }
        attached = false;
        return true;
    }

    /** The first connection needs no proof. */
    void begin() {
        attached = true;
        good = 0;
        bad = 0;
    }
}
