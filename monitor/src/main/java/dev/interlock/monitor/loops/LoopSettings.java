package dev.interlock.monitor.loops;

import dev.interlock.NamePattern;
import java.util.List;
import java.util.Set;

/**
 * What is a loop. Immutable.
 *
 * @param repeats how many calls that are the same make a loop, at least 2; 3 by default
 * @param within among how many of the last calls of an execution, at most 64; 8 by default
 * @param except tools whose calls are no loop whatever they do, such as {@code tool:poll_*}
 * @param ignored names of fields in arguments that do not matter, such as {@code timestamp}
 */
public record LoopSettings(int repeats, int within, List<NamePattern> except, Set<String> ignored) {
    /** If results are not known, how many calls in a row that are the same, or take turns, make a loop. */
    static final int BLIND = 6;

    private static final LoopSettings DEFAULTS = new LoopSettings(3, 8, List.of(), Set.of());

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if they cannot be
     */
    public LoopSettings {
        if (repeats < 2 || within < repeats || within > 64) {
            throw new IllegalArgumentException(
                    "A loop is at least 2 calls within at most 64, but these are " + repeats + " within " + within);
        }
        except = List.copyOf(except);
        ignored = Set.copyOf(ignored);
    }

    /**
     * Three of the last eight, without exceptions.
     *
     * @return the defaults
     */
    public static LoopSettings defaults() {
        return DEFAULTS;
    }

    boolean isExcepted(String tool) {
        for (NamePattern each : except) {
            if (each.matches(tool)) {
                return true;
            }
        }
        return false;
    }
}
