package dev.interlock.springai;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/** What an answer, or a piece of one, holds and why it ended. Reads one by one: most have a single generation. */
final class AnswerContent {
    /** Under which models that think keep what they thought, among the metadata of a message. */
    private static final String THOUGHT = "reasoningContent";

    /** That of Spring AI's ToolCallLimitExceededException, which comes as an answer. */
    private static final String OVER_LIMIT = "toolCallLimitExceeded";

    private static final Set<String> FILTERED = Set.of(
            "content_filter", "content_filtered", "safety", "refusal", "prohibited_content", "guardrail_intervened");

    private AnswerContent() {}

    static boolean isThere(@Nullable ChatResponse response) {
        List<Generation> results = response == null ? List.of() : response.getResults();
        // By index: each answer is looked at, and an iterator takes memory.
        for (int i = 0; i < results.size(); i++) {
            if (hasContent(results.get(i).getOutput())) {
                return true;
            }
        }
        return false;
    }

    /** Whether a filter took the answer away. */
    static boolean isFiltered(@Nullable ChatResponse response) {
        if (response != null) {
            for (Generation each : response.getResults()) {
                String reason = each.getMetadata().getFinishReason();
                if (reason != null && FILTERED.contains(reason.toLowerCase(Locale.ROOT))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the conversation was ended since it called its tools too often. */
    static boolean isOverLimit(@Nullable ChatResponse response) {
        return response != null
                && !response.getResults().isEmpty()
                && OVER_LIMIT.equals(response.getResults().get(0).getMetadata().getFinishReason());
    }

    /** Whether it is said why the answer ended. */
    static boolean hasReason(@Nullable ChatResponse response) {
        if (response != null) {
            for (Generation each : response.getResults()) {
                String reason = each.getMetadata().getFinishReason();
                if (reason != null && !reason.isEmpty()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasContent(@Nullable AssistantMessage message) {
        return message != null
                && (hasText(message.getText())
                        || message.hasToolCalls()
                        || !message.getMedia().isEmpty()
                        || hasText(message.getMetadata().get(THOUGHT)));
    }

    private static boolean hasText(@Nullable Object text) {
        return text instanceof String words && !words.isEmpty();
    }
}
