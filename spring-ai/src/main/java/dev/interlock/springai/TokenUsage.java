package dev.interlock.springai;

import dev.interlock.threads.Reporting;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;

/**
 * What an answer says it used, in tokens; models that report nothing have an object of zeros.
 *
 * @param input all tokens that went in
 * @param output tokens that came out
 * @param cached how many of those that went in came from a cache
 */
record TokenUsage(long input, long output, long cached) {
    private static final TokenUsage UNKNOWN = new TokenUsage(0, 0, 0);

    /** Whose usage counts the tokens of caches apart from those that went in; others count them among these. */
    private static final String BESIDE = "com.anthropic.";

    static TokenUsage of(@Nullable ChatResponse response) {
        Usage usage = said(response);
        if (usage == null) {
            return UNKNOWN;
        }
        long input = number(usage.getPromptTokens());
        long output = number(usage.getCompletionTokens());
        if (input == 0 && output == 0) {
            return new TokenUsage(number(usage.getTotalTokens()), 0, 0);
        }
        long cached = number(usage.getCacheReadInputTokens());
        long written = number(usage.getCacheWriteInputTokens());
        boolean isBeside = written > 0 || cached > input || isBeside(usage.getNativeUsage());
        return new TokenUsage(isBeside ? input + cached + written : input, output, cached);
    }

    /** What a response has of it; null if it reports nothing. */
    static @Nullable Usage said(@Nullable ChatResponse response) {
        if (response == null || response.getMetadata() == null) {
            return null;
        }
        Usage usage = response.getMetadata().getUsage();
        return usage != null && usage.getTotalTokens() != null && usage.getTotalTokens() > 0 ? usage : null;
    }

    static void report(@Nullable ChatResponse response, Consumer<? super Usage> listener) {
        Usage usage = said(response);
        if (usage != null) {
            Reporting.safely(() -> listener.accept(usage));
        }
    }

    private static boolean isBeside(@Nullable Object provided) {
        return provided != null && provided.getClass().getName().startsWith(BESIDE);
    }

    private static long number(@Nullable Number value) {
        return value == null ? 0 : value.longValue();
    }
}
