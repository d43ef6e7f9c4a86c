package dev.interlock.monitor.budgets;

import java.time.Instant;
import java.util.List;

/**
 * What a name used of a budget in a slice of its period. Immutable.
 *
 * @param start when the slice begins
 * @param spent what was used in it, by all processes together
 * @param mark what was reported of the budget: {@link #UNMARKED}, {@link #WARNED} or {@link #USED_UP}
 */
public record Slice(Instant start, Spent spent, int mark) {
    /** Nothing was reported. */
    public static final int UNMARKED = 0;

    /** It was reported that most is used. */
    public static final int WARNED = 1;

    /** It was reported that all is used. */
    public static final int USED_UP = 2;

    /**
     * What was used in several slices.
     *
     * @param slices them
     * @return all together
     */
    public static Spent sum(List<Slice> slices) {
        Spent sum = Spent.NOTHING;
        for (Slice each : slices) {
            sum = sum.plus(each.spent);
        }
        return sum;
    }

    static int mark(List<Slice> slices) {
        int highest = UNMARKED;
        for (Slice each : slices) {
            highest = Math.max(highest, each.mark);
        }
        return highest;
    }
}
