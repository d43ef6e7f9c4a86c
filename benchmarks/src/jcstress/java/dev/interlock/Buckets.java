package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/** Moments around a roll-over of a window of one second, and windows that are before one. */
final class Buckets {
    static final WindowShape SHAPE = new WindowShape(Window.ofTime(Duration.ofSeconds(1)), false);

    /** The last tick of the third cycle and the first of the fourth: buckets 11 and 0. */
    static final long BEFORE_THE_BORDER = lastTickOf(2);

    static final long AFTER_THE_BORDER = BEFORE_THE_BORDER + 1;

    /** A moment in the first bucket of a cycle, and one in the same bucket of the cycle before. */
    static final long NOW = AFTER_THE_BORDER;

    static final long A_CYCLE_AGO = lastTickOf(1) + 1;

    private static final long TWO_CYCLES_AGO = lastTickOf(0) + 1;

    private static final VarHandle STRIPES;

    static {
        try {
            STRIPES = MethodHandles.privateLookupIn(TimeWindow.class, MethodHandles.lookup())
                    .findVarHandle(TimeWindow.class, "stripes", long[][].class);
        } catch (ReflectiveOperationException renamed) {
            throw new ExceptionInInitializerError(renamed);
        }
    }

    private Buckets() {}

    /** A window whose present bucket still holds three failures of a whole cycle ago. */
    static TimeWindow filledInTheLastCycle() {
        return filled(A_CYCLE_AGO);
    }

    /** A window in which a bucket still holds three failures that do not count on either side of the border. */
    static TimeWindow filledLongAgo() {
        return filled(TWO_CYCLES_AGO);
    }

    private static TimeWindow filled(long tick) {
        TimeWindow window = new TimeWindow(SHAPE, null);
        for (int i = 0; i < 3; i++) {
            window.add(tick, true);
        }
        return window;
    }

    static boolean isStriped(TimeWindow window) {
        return STRIPES.getVolatile(window) != null;
    }

    private static long lastTickOf(long cycle) {
        long low = 0;
        long high = Duration.ofMinutes(1).toNanos();
        while (low < high) {
            long middle = (low + high + 1) / 2;
            if (SHAPE.cycle(middle) <= cycle) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
