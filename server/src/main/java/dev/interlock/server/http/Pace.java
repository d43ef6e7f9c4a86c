package dev.interlock.server.http;

import java.time.Duration;

/**
 * How slowly a request may arrive. Immutable.
 *
 * @param patienceSeconds for its head, and for the first {@value #FREE_BYTES} bytes of its body
 */
record Pace(long patienceSeconds) {
    /** The bytes for which patience alone is enough. */
    static final long FREE_BYTES = 65_536;

    /** What each second beyond it must bring. */
    static final long BYTES_A_SECOND = 16_384;

    /** No body may take longer than this many times the patience, however much it brings. */
    static final long MOST_PATIENCES = 20;

    Pace(Duration patience) {
        this(Math.max(1, patience.toSeconds()));
    }

    /** Whether a request that has been awaited this long should have brought more than this many bytes of its body. */
    boolean isLate(long waitedSeconds, long bytes) {
        long earned = Math.max(0, bytes - FREE_BYTES) / BYTES_A_SECOND;
        return waitedSeconds > Math.min(patienceSeconds + earned, patienceSeconds * MOST_PATIENCES);
    }

    Problem late() {
        return new Problem(
                408,
                "too-slow",
                "Request timeout",
                "The request arrived too slowly: its head and the first " + FREE_BYTES + " bytes of its body may take "
                        + patienceSeconds + " s, each second more must bring " + BYTES_A_SECOND
                        + " bytes, and all together may take " + patienceSeconds * MOST_PATIENCES + " s");
    }
}
