package dev.interlock.server.workers;

import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks through many for some, so far at a time: a search that finds nothing takes as many pieces as one that finds all.
 * For one thread at a time.
 *
 * @param <T> what is looked through
 */
public final class Sieve<T> {
    /** How many are looked at in one piece: some tens of microseconds. */
    static final int A_PIECE = 250;

    private final Iterator<? extends @Nullable T> all;
    private final Predicate<? super T> wanted;
    private int looks;

    /**
     * A search that has not begun.
     *
     * @param all what is looked through; a null is not wanted
     * @param wanted what is looked for
     */
    public Sieve(Iterator<? extends @Nullable T> all, Predicate<? super T> wanted) {
        this.all = all;
        this.wanted = wanted;
    }

    /** Begins a piece. */
    public void beginPiece() {
        looks = 0;
    }

    /**
     * The next that is wanted.
     *
     * @return null if this piece holds no more
     */
    public @Nullable T next() {
        while (looks < A_PIECE && all.hasNext()) {
            looks++;
            T each = all.next();
            if (each != null && wanted.test(each)) {
                return each;
            }
        }
        return null;
    }

    /**
     * Whether everything has been looked at.
     *
     * @return false while there may be more in another piece
     */
    public boolean isAtEnd() {
        return !all.hasNext();
    }
}
