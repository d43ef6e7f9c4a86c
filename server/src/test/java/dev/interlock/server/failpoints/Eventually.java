package dev.interlock.server.failpoints;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionTimeoutException;

/** Waits for real threads, which may throw meanwhile: that is what these tests do to them. */
final class Eventually {
    private Eventually() {}

    /** Waits for a time at most; false if it was not so then. */
    static boolean within(Duration atMost, BooleanSupplier condition) {
        try {
            await().dontCatchUncaughtExceptions()
                    .atMost(atMost)
                    .pollInterval(Duration.ofMillis(5))
                    .until(condition::getAsBoolean);
            return true;
        } catch (ConditionTimeoutException not) {
            return false;
        }
    }

    static void is(String what, BooleanSupplier condition) {
        await(what)
                .dontCatchUncaughtExceptions()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(condition::getAsBoolean);
    }
}
