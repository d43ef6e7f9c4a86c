package dev.interlock;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long a stream may take: to its first piece, between two pieces, and in all. Immutable.
 *
 * <p>The first two run only while the source owes a piece, not while the consumer is busy with the last one. If both
 * are a second or longer, they may pass some 10 ms early.
 *
 * @param firstPiece from the beginning of the call to its first piece, longer than zero; null for no limit
 * @param betweenPieces from one piece to the next or to the end, longer than zero; null for no limit
 * @param total from the beginning of the call to its end, longer than zero; null for no limit
 */
@Beta
public record StreamLimits(
        @Nullable Duration firstPiece,
        @Nullable Duration betweenPieces,
        @Nullable Duration total) {
    private static final StreamLimits NONE = new StreamLimits(null, null, null);

    /**
     * Limits, each of them optional.
     *
     * @throws IllegalArgumentException if one is zero or negative
     */
    public StreamLimits {
        requireLength("firstPiece", firstPiece);
        requireLength("betweenPieces", betweenPieces);
        requireLength("total", total);
    }

    /**
     * No limits: where to begin, as in {@code StreamLimits.none().firstPiece(Duration.ofSeconds(30))}.
     *
     * @return the shared limits of nothing
     */
    public static StreamLimits none() {
        return NONE;
    }

    /**
     * These limits with another one for the first piece.
     *
     * @param limit longer than zero
     * @return new limits
     * @throws IllegalArgumentException if it is zero or negative
     */
    public StreamLimits firstPiece(Duration limit) {
        return new StreamLimits(given(limit), betweenPieces, total);
    }

    /**
     * These limits with another one between pieces.
     *
     * @param limit longer than zero
     * @return new limits
     * @throws IllegalArgumentException if it is zero or negative
     */
    public StreamLimits betweenPieces(Duration limit) {
        return new StreamLimits(firstPiece, given(limit), total);
    }

    /**
     * These limits with another one in all.
     *
     * @param limit longer than zero
     * @return new limits
     * @throws IllegalArgumentException if it is zero or negative
     */
    public StreamLimits total(Duration limit) {
        return new StreamLimits(firstPiece, betweenPieces, given(limit));
    }

    private static Duration given(Duration limit) {
        return Objects.requireNonNull(limit, "limit must not be null");
    }

    private static void requireLength(String name, @Nullable Duration limit) {
        if (limit != null && (limit.isZero() || limit.isNegative())) {
            throw new IllegalArgumentException(name + " must be longer than zero, but was " + Nanos.text(limit));
        }
    }
}
