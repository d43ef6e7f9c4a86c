package dev.interlock.monitor;

import dev.interlock.TimeSource;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which ids of one owner came in the last minutes, as 64-bit hashes under a random seed, so that two ids are taken for the
 * same once in some 10^13. Bounded: when there are more than it may hold the oldest are forgotten early. Safe for use by
 * any thread; a few locks stand in for one.
 */
final class RecentIds {
    private static final int STRIPES = 8;

    /** Ids lie in the generation that was young when they came; four are kept, the oldest goes as a whole. */
    private static final int GENERATIONS = 4;

    /** Open addressing, at most half full; the empty place is 0. */
    private static final class Generation {
        private long[] table = new long[8];
        private int size;

        boolean contains(long hash) {
            return table[place(table, hash)] == hash;
        }

        void add(long hash) {
            if (2 * (size + 1) > table.length) {
                long[] larger = new long[2 * table.length];
                for (long each : table) {
                    if (each != 0) {
                        larger[place(larger, each)] = each;
                    }
                }
                table = larger;
            }
            int place = place(table, hash);
            if (table[place] == 0) {
                table[place] = hash;
                size++;
            }
        }

        private static int place(long[] table, long hash) {
            int place = (int) (hash >>> 8) & table.length - 1;
            while (table[place] != 0 && table[place] != hash) {
                place = place + 1 & table.length - 1;
            }
            return place;
        }
    }

    private final class Stripe {
        private final Generation[] generations = new Generation[GENERATIONS];
        private long youngest = Long.MIN_VALUE;

        /** Whether it was not there yet. */
        synchronized boolean add(long hash, boolean keep) {
            turn();
            for (Generation each : generations) {
                if (each.contains(hash)) {
                    return false;
                }
            }
            if (keep) {
                if (generations[0].size >= mostInGeneration) {
                    push();
                }
                generations[0].add(hash);
                count(1);
            }
            return true;
        }

        private void turn() {
            long present = Math.floorDiv(time.ticks(), generationNanos);
            if (youngest == Long.MIN_VALUE || present - youngest >= GENERATIONS) {
                for (int i = 0; i < GENERATIONS; i++) {
                    count(generations[i] == null ? 0 : -generations[i].size);
                    generations[i] = new Generation();
                }
            } else {
                for (long behind = present - youngest; behind > 0; behind--) {
                    push();
                }
            }
            youngest = present;
        }

        /** The oldest generation that has any. */
        synchronized void forgetOldest() {
            turn();
            for (int i = GENERATIONS - 1; i >= 0; i--) {
                if (generations[i].size > 0) {
                    count(-generations[i].size);
                    generations[i] = new Generation();
                    return;
                }
            }
        }

        private void push() {
            count(-generations[GENERATIONS - 1].size);
            System.arraycopy(generations, 0, generations, 1, GENERATIONS - 1);
            generations[0] = new Generation();
        }
    }

    private final TimeSource time;
    private final long generationNanos;
    private final int mostInGeneration;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private final long seed = new Random().nextLong();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicInteger total;

    RecentIds(TimeSource time, Duration atLeast, int capacity, AtomicInteger total) {
        this.time = time;
        this.total = total;
        generationNanos = Math.max(1, atLeast.toNanos() / (GENERATIONS - 1));
        mostInGeneration = Math.max(1, capacity / STRIPES / GENERATIONS);
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Remembers an id; false if it is remembered already. */
    boolean add(@Nullable String part, String id) {
        return look(part, id, true);
    }

    boolean contains(@Nullable String part, String id) {
        return !look(part, id, false);
    }

    int size() {
        return size.get();
    }

    void forgetOldest() {
        for (Stripe each : stripes) {
            each.forgetOldest();
        }
    }

    private void count(int change) {
        size.addAndGet(change);
        total.addAndGet(change);
    }

    private boolean look(@Nullable String part, String id, boolean keep) {
        long hash = hash(hash(seed, part == null ? "" : part), id);
        return stripes[(int) (hash >>> 61)].add(hash == 0 ? 1 : hash, keep);
    }

    private static long hash(long before, String text) {
        long hash = mix(before ^ text.length());
        int i = 0;
        for (; i + 4 <= text.length(); i += 4) {
            long four = text.charAt(i)
                    | (long) text.charAt(i + 1) << 16
                    | (long) text.charAt(i + 2) << 32
                    | (long) text.charAt(i + 3) << 48;
            hash = mix(hash ^ four);
        }
        for (; i < text.length(); i++) {
            hash = mix(hash ^ text.charAt(i));
        }
        return hash;
    }

    /** The finalizer of MurmurHash3, with an odd constant added so that 0 does not stay 0. */
    private static long mix(long value) {
        long mixed = value + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}
