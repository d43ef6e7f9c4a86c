package dev.interlock.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A model that repeats failing calls by itself is named when it is guarded: its guard sees one call for all of them. */
class HiddenRetriesTest {
    private final Fleet fleet = new Fleet();
    private final Logger log = Logger.getLogger(GuardedChatModel.class.getName());
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final Handler hears = new Handler() {
        @Override
        public void publish(LogRecord record) {
            assertThat(record.getLevel()).isEqualTo(Level.WARNING);
            warnings.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        log.addHandler(hears);
        log.setUseParentHandlers(false);
    }

    @AfterEach
    void close() {
        log.removeHandler(hears);
        log.setUseParentHandlers(true);
        fleet.close();
    }

    private OpenAiChatModel.OpenAiChatModelBuilder openAi() {
        return OpenAiChatModel.builder()
                .baseUrl(fleet.provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1");
    }

    @Test
    void models_of_both_providers_are_named_as_they_come_with_what_to_set() {
        GuardedChatModel.of(openAi().build(), fleet.planner);
        GuardedChatModel.of(
                AnthropicChatModel.builder().apiKey("none").modelName("x").build(), fleet.planner);

        assertThat(warnings)
                .containsExactly(
                        "The model OpenAiChatModel repeats a failing call up to 2 times by itself: its guard sees one"
                                + " call for 3. Build it with maxRetries(0), and let GuardedChatModel.withRetry repeat it",
                        "The model AnthropicChatModel repeats a failing call up to 2 times by itself: its guard sees"
                                + " one call for 3. Build it with maxRetries(0), and let GuardedChatModel.withRetry repeat"
                                + " it");
    }

    @Test
    void as_many_calls_as_the_warning_says_reach_the_provider() {
        fleet.provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        ChatModel model = GuardedChatModel.of(openAi().maxRetries(1).build(), fleet.planner);

        assertThat(catchThrowable(() -> model.chat("Hello"))).isNotNull();

        assertThat(warnings).singleElement().asString().contains("up to 1 times", "one call for 2");
        assertThat(fleet.provider.requests()).hasSize(2);
        assertThat(fleet.model().figures().calls()).isEqualTo(1);
    }

    @Test
    void nothing_is_said_of_one_that_is_built_right_or_of_ones_own() {
        ChatModel own = new ChatModel() {
            @SuppressWarnings("unused")
            private final int maxRetries = 7;

            @Override
            public ChatResponse doChat(ChatRequest request) {
                throw new IllegalStateException("is not called");
            }
        };

        GuardedChatModel right = GuardedChatModel.of(openAi().maxRetries(0).build(), fleet.planner);
        GuardedChatModel.of(right, fleet.circuits.guard("team"));
        GuardedChatModel.of(own, fleet.planner);

        assertThat(warnings).isEmpty();
    }
}
