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

    /** How late a call may come after a call that begins later, in nanoseconds. */
    default long disorder() {
        return Reorder.SPAN;
    }

    /**
     * A call by what is known when its turn has come, which may be more than when it was read.
     *
     * @return the call, or null if it turned out that it is none, or is counted elsewhere
     */
    default @Nullable Call settled(Call call) {
        return call;
    }

    /** A call whose turn will not come, since it is too late in the file. */
    default void forget(Call call) {
        // Most readers know a call by nothing but itself.
    }

    /** What was read and is no call, as words for people; empty if there was nothing. */
    default String leftOut() {
        return "";
    }
}
