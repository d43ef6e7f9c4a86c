package dev.interlock.server.permits;

import java.util.concurrent.CompletionStage;

/**
 * Where all servers that sign permits with one key remember together which are settled. Safe for use by any thread; never
 * blocks.
 */
public interface SettledTogether {
    /** What the others say of one permit. */
    enum Word {
        /** None has settled it before. */
        FIRST,
        /** It is settled. */
        REPEATED,
        /** They could not be asked, or did not answer in time: each server goes by its own memory. */
        UNKNOWN
    }

    /**
     * What the others say of one permit that is settled now.
     *
     * @param word whether it was settled before
     * @param notes what was noted with it
     */
    record Answer(Word word, long notes) {
        /** Nobody was asked. */
        static final Answer UNKNOWN = new Answer(Word.UNKNOWN, 0);
    }

    /**
     * Whether the others can be asked. Cheap.
     *
     * @return false while they cannot
     */
    boolean isAttached();

    /**
     * Notes that permits are settled, for as long as a permit lives.
     *
     * @param generations the life of the server that gave each
     * @param numbers which permit of that life each is
     * @return an answer to each, in their order; never fails, and comes in bounded time
     */
    CompletionStage<Answer[]> settle(long[] generations, long[] numbers);

    /**
     * Notes bits with permits, for the server that settles them; for as long as a permit lives.
     *
     * @param generations the life of the server that gave each
     * @param numbers which permit of that life each is
     * @param bits what to note with each, in the lowest 51 bits
     * @return of each whether it is settled, in their order; never fails, and comes in bounded time
     */
    CompletionStage<Word[]> note(long[] generations, long[] numbers, long[] bits);
}
