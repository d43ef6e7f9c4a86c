package dev.interlock;

import org.jspecify.annotations.Nullable;

/** Makes windows of a shape: of time or of calls, and a second one for slow calls where these are looked at. */
final class Windows {
    private Windows() {}

    static RollingWindow of(WindowShape shape) {
        return of(shape, shape.slow ? of(shape, null) : null);
    }

    private static RollingWindow of(WindowShape shape, @Nullable RollingWindow slowCalls) {
        return shape.window.time() != null
                ? new TimeWindow(shape, slowCalls)
                : new CountWindow(shape, slowCalls, shape.window.calls());
    }
}
