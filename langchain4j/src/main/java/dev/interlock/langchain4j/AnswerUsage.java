package dev.interlock.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of tokens. Those of caches are known to the providers' own classes alone, and each has them in another
 * way: among its input or in addition to it. They are read by the names of their methods, since this module needs none
 * of these classes.
 *
 * @param input all tokens that went in
 * @param output tokens that came out
 * @param cached how many of those that went in came from a cache
 */
record AnswerUsage(long input, long output, long cached) {
    private static final AnswerUsage UNKNOWN = new AnswerUsage(0, 0, 0);

    /** Of an answer, if there is one that says so. */
    static AnswerUsage of(@Nullable ChatResponse response) {
        TokenUsage usage = response == null || response.metadata() == null ? null : response.tokenUsage();
        if (usage == null) {
            return UNKNOWN;
        }
        long input = number(usage.inputTokenCount());
        long output = number(usage.outputTokenCount());
        if (input == 0 && output == 0) {
            return new AnswerUsage(number(usage.totalTokenCount()), 0, 0);
        }
        if (usage.getClass() == TokenUsage.class) {
            return new AnswerUsage(input, output, 0);
        }
        long read = number(said(usage, "cacheReadInputTokens"));
        long written = number(said(usage, "cacheCreationInputTokens"));
        Object details = said(usage, "inputTokensDetails");
        long within = details == null ? 0 : number(said(details, "cachedTokens"));
        return new AnswerUsage(input + read + written, output, read + within);
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    /** What a method returns; null if there is none of that name. */
    private static @Nullable Object said(Object from, String method) {
        try {
            return from.getClass().getMethod(method).invoke(from);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException none) {
            return null;
        }
    }
}
