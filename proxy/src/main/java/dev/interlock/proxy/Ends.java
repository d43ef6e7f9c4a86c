package dev.interlock.proxy;

import java.util.Arrays;

/** The beginning and the end of a body of any length. For one thread. */
final class Ends {
    private final int each;
    private byte[] kept = {};
    private byte[] last = {};
    private int lastAt;
    private long length;

    /**
     * Nothing so far.
     *
     * @param each how many bytes of the beginning and of the end are kept
     */
    Ends(int each) {
        this.each = each;
    }

    void add(byte[] bytes) {
        int begin = (int) Math.min(bytes.length, Math.max(0, each - length));
        if (begin > 0) {
            int at = kept.length;
            kept = at == 0 && begin == bytes.length ? bytes : Arrays.copyOf(kept, at + begin);
            if (at > 0 || begin < bytes.length) {
                System.arraycopy(bytes, 0, kept, at, begin);
            }
        }
        length += bytes.length;
        addLast(bytes, begin);
    }

    /** A ring, so that a long body in small pieces costs its bytes and no more. */
    private void addLast(byte[] bytes, int from) {
        int start = Math.max(from, bytes.length - each);
        if (start < bytes.length && last.length == 0) {
            last = new byte[each];
        }
        for (int i = start; i < bytes.length; i++) {
            last[lastAt] = bytes[i];
            lastAt = lastAt + 1 == each ? 0 : lastAt + 1;
        }
    }

    /** Whether all of the body is kept. */
    boolean areAll() {
        return length <= 2L * each;
    }

    long length() {
        return length;
    }

    /** Beginning and end, with an empty line between them where something is left out. */
    byte[] bytes() {
        long rest = length - kept.length;
        if (rest == 0) {
            return kept;
        }
        int tail = (int) Math.min(rest, each);
        int gap = rest > each ? 2 : 0;
        byte[] all = Arrays.copyOf(kept, kept.length + gap + tail);
        if (gap > 0) {
            all[kept.length] = '\n';
            all[kept.length + 1] = '\n';
        }
        for (int i = 0; i < tail; i++) {
            all[kept.length + gap + i] = last[Math.floorMod(lastAt - tail + i, each)];
        }
        return all;
    }
}
