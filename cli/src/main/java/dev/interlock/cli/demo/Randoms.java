package dev.interlock.cli.demo;

import java.util.Random;

/** Chance that depends on what it is for, and not on what was asked before: threads and the network change nothing. */
final class Randoms {
    private Randoms() {}

    /**
     * The random numbers of one occasion.
     *
     * @param seed the whole demo's
     * @param what who or what they are for
     * @param number the how-manieth of its occasions
     * @return the same numbers each time
     */
    static Random of(long seed, String what, long number) {
        return new Random(mixed(mixed(seed) + what.hashCode() * 0x9E3779B97F4A7C15L + number));
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): neighbours end far from each other. */
    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
