package dev.interlock;

import dev.interlock.store.OpeningRecord;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a refusal says in words. */
final class RefusalText {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    private RefusalText() {}

    /** Rounded up, so that who waits as long is not early: whole seconds from a second on, else milliseconds. */
    static String in(Duration wait) {
        long nanos = Nanos.of(wait);
        return nanos >= SECOND ? ceiling(nanos, SECOND) + " s" : ceiling(nanos, MILLI) + " ms";
    }

    static String held(Hold hold) {
        return "held open by " + hold.actor() + (hold.until() == null ? "" : " until " + hold.until())
                + because(hold.reason());
    }

    /** Why a circuit opened, from a colon on; empty where that is not known. */
    static String why(@Nullable Trip trip) {
        OpeningRecord why = trip == null ? null : trip.why();
        if (trip == null || why == null) {
            return "";
        }
        if (why.actor() != null) {
            return ": opened by " + why.actor() + because(why.reason());
        }
        return ": " + cause(why.cause(), why.kind(), trip.figures()) + because(why.reason());
    }

    private static String cause(String cause, @Nullable String kind, Figures figures) {
        String ofKind = kind == null ? "" : " (" + kind + ")";
        TransitionCause known;
        try {
            known = TransitionCause.valueOf(cause.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException ofANewerVersion) {
            return cause.replace('_', ' ') + ofKind;
        }
        String words = known.words();
        return switch (known) {
            case FAILURE_STREAK ->
                (figures.consecutiveFailures() == 1 ? "1 failure" : figures.consecutiveFailures() + " " + words)
                        + ofKind;
            case FAILURE_RATE -> words + " " + figures.failures() + " of " + figures.calls() + ofKind;
            case SLOW_CALL_RATE -> words + " " + figures.slow() + " of " + figures.timed() + ofKind;
            default -> known.words(kind);
        };
    }

    private static String because(@Nullable String reason) {
        return reason == null ? "" : ": " + reason;
    }

    private static long ceiling(long value, long unit) {
        return (value + unit - 1) / unit;
    }
}
