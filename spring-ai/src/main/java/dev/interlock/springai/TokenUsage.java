package dev.interlock.springai;

import dev.interlock.threads.Reporting;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;

/** What an answer says it used; models that report nothing have an object of zeros. */
final class TokenUsage {
    private TokenUsage() {}

    static @Nullable Usage of(@Nullable ChatResponse response) {
        if (response == null || response.getMetadata() == null) {
            return null;
        }
        Usage usage = response.getMetadata().getUsage();
        return usage != null && usage.getTotalTokens() != null && usage.getTotalTokens() > 0 ? usage : null;
    }

    static void report(@Nullable ChatResponse response, Consumer<? super Usage> listener) {
        Usage usage = of(response);
        if (usage != null) {
            Reporting.safely(() -> listener.accept(usage));
        }
    }
}
