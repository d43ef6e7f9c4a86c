package dev.interlock.cli.demo;

import java.util.HashMap;
import java.util.Map;

/** What the fleet has done so far. Written on the stage; the totals may be read by any thread. */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
final class Tally {
    private final Map<String, Integer> refused = new HashMap<>();
    private final Map<String, Integer> answered = new HashMap<>();
    private volatile long calls;
    private volatile long failures;
    private volatile long refusals;
    private volatile long fallbacks;

    void ended(Ending ending) {
        calls++;
        failures += ending.isGood() ? 0 : 1;
    }

    void refused(String by) {
        refusals++;
        refused.merge(by, 1, Integer::sum);
    }

    /** A call that was refused is answered in another way. */
    void fellBack(String from) {
        fallbacks++;
        answered.merge(from, 1, Integer::sum);
    }

    /** How many calls a circuit refused since this was asked of it last. */
    int takeRefused(String by) {
        Integer count = refused.remove(by);
        return count == null ? 0 : count;
    }

    /** How many of them were answered in another way. */
    int takeAnswered(String by) {
        Integer count = answered.remove(by);
        return count == null ? 0 : count;
    }

    long calls() {
        return calls;
    }

    long failures() {
        return failures;
    }

    long refusals() {
        return refusals;
    }

    long fallbacks() {
        return fallbacks;
    }
}
