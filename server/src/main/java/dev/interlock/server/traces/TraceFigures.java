package dev.interlock.server.traces;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Counts spans by what became of them. Safe for use by any thread. */
final class TraceFigures {
    /** What became of a span. */
    enum Fate {
        /** It counted in circuits. */
        COUNTED,
        /** It is in the log, and counted elsewhere or not at all. */
        LOGGED,
        /** It is around the span of the same call that counted. */
        AROUND,
        /** It had come before. */
        REPEATED,
        /** It is about no call. */
        IGNORED,
        /** It was refused. */
        REFUSED
    }

    private final Counter[] counters = new Counter[Fate.values().length];

    TraceFigures(MeterRegistry meters) {
        for (Fate each : Fate.values()) {
            counters[each.ordinal()] = Counter.builder("interlock.traces.spans")
                    .description("Spans that were sent, by what became of them")
                    .tag("result", each.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
    }

    void count(Fate fate, int spans) {
        if (spans > 0) {
            counters[fate.ordinal()].increment(spans);
        }
    }
}
