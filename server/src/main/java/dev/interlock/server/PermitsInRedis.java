package dev.interlock.server;

import dev.interlock.redis.RedisMarks;
import dev.interlock.redis.RedisMarks.Mark;
import dev.interlock.server.permits.SettledTogether;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;

/**
 * Settled permits as marks in Redis, one bit each, and what is noted with them.
 *
 * @param marks those of all servers of one database
 */
record PermitsInRedis(RedisMarks marks) implements SettledTogether {
    @Override
    public boolean isAttached() {
        return marks.isAttached();
    }

    @Override
    public CompletionStage<Answer[]> settle(long[] generations, long[] numbers) {
        return marks.mark(generations, numbers).thenApply(marked -> {
            Answer[] answers = new Answer[marked.length];
            for (int i = 0; i < answers.length; i++) {
                answers[i] = new Answer(word(marked[i].mark()), marked[i].notes());
            }
            return answers;
        });
    }

    @Override
    public CompletionStage<Word[]> note(long[] generations, long[] numbers, long[] bits) {
        return marks.note(generations, numbers, bits)
                .thenApply(
                        noted -> Arrays.stream(noted).map(PermitsInRedis::word).toArray(Word[]::new));
    }

    private static Word word(Mark mark) {
        return switch (mark) {
            case FIRST -> Word.FIRST;
            case REPEATED -> Word.REPEATED;
            case UNKNOWN -> Word.UNKNOWN;
        };
    }
}
