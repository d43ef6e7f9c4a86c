package dev.interlock.server;

import dev.interlock.redis.RedisMarks;
import dev.interlock.redis.RedisMarks.Mark;
import dev.interlock.server.permits.SettledTogether;
import java.util.concurrent.CompletionStage;

/**
 * Settled permits as marks in Redis, one bit each.
 *
 * @param marks those of all servers of one database
 */
record PermitsInRedis(RedisMarks marks) implements SettledTogether {
    @Override
    public boolean isAttached() {
        return marks.isAttached();
    }

    @Override
    public CompletionStage<Word[]> settle(long[] generations, long[] numbers) {
        return marks.mark(generations, numbers).thenApply(PermitsInRedis::words);
    }

    private static Word[] words(Mark[] marks) {
        Word[] words = new Word[marks.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = switch (marks[i]) {
                case FIRST -> Word.FIRST;
                case REPEATED -> Word.REPEATED;
                case UNKNOWN -> Word.UNKNOWN;
            };
        }
        return words;
    }
}
