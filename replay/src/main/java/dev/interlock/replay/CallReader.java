package dev.interlock.replay;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the calls of one file, in the file's order, a row at a time. */
interface CallReader {
    /**
     * Goes to the next row.
     *
     * @return false at the end of the file
     */
    boolean next() throws IOException;

    /**
     * The call of the present row.
     *
     * @return the call, or null for a row that is none
     * @throws BadRowException if the row is wrong; the next one can be read all the same
     */
    @Nullable
    Call call() throws BadRowException;

    /** Where the present row begins, counted from 1. */
    long line();

    /**
     * Whether a call that stands in for a failed one is needed: it is not if its execution has a failed call among those
     * read so far.
     */
    default boolean isNeeded(Call call) {
        return true;
    }

    /** What was read and is no call, as words for people; empty if there was nothing. */
    default String leftOut() {
        return "";
    }
}
