package dev.interlock.springai;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.openai.autoconfigure.OpenAiChatAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;

/** Retries and time limits that a guard cannot see are named when an application starts, with the property to set. */
@ExtendWith(OutputCaptureExtension.class)
class ModelWarningsTest {
    private static ChatModel openAi(OpenAiChatOptions.Builder options) {
        return OpenAiChatModel.builder()
                .options(options.apiKey("none").model("x").build())
                .build();
    }

    @Test
    void the_client_of_openai_retries_and_cuts_streams_as_it_comes() {
        assertThat(ModelWarnings.of("planner", openAi(OpenAiChatOptions.builder())))
                .satisfiesExactlyInAnyOrder(
                        retries -> assertThat(retries)
                                .contains(
                                        "planner", "up to 3 times", "one call for 4", "spring.ai.openai.max-retries=0"),
                        limit -> assertThat(limit)
                                .contains(
                                        "planner",
                                        "60 s",
                                        "OpenAiChatOptions.builder().timeout(Duration.ofMinutes(30))"));
    }

    @Test
    void the_client_of_anthropic_does_so_too() {
        ChatModel model = AnthropicChatModel.builder()
                .options(AnthropicChatOptions.builder()
                        .apiKey("none")
                        .model("x")
                        .maxTokens(1)
                        .build())
                .build();

        assertThat(ModelWarnings.of("planner", model))
                .satisfiesExactlyInAnyOrder(
                        retries -> assertThat(retries).contains("one call for 3", "spring.ai.anthropic.max-retries=0"),
                        limit -> assertThat(limit).contains("60 s", "spring.ai.anthropic.timeout=30m"));
    }

    @Test
    void nothing_is_said_of_one_that_is_set_right() {
        assertThat(ModelWarnings.of(
                        "planner",
                        openAi(OpenAiChatOptions.builder().maxRetries(0).timeout(Duration.ofMinutes(30)))))
                .isEmpty();
    }

    @Test
    void models_with_a_template_of_spring_are_known_by_it() {
        assertThat(ModelWarnings.of("planner", ollama(10)))
                .singleElement()
                .asString()
                .contains("up to 10 times", "one call for 11", "spring.ai.retry.max-attempts=0");
        assertThat(ModelWarnings.of("planner", ollama(0))).isEmpty();
    }

    private static ChatModel ollama(long retries) {
        return OllamaChatModel.builder()
                .ollamaApi(OllamaApi.builder().baseUrl("http://127.0.0.1:1").build())
                .retryTemplate(new RetryTemplate(RetryPolicy.withMaxRetries(retries)))
                .build();
    }

    @Test
    void an_application_logs_them_when_it_starts(CapturedOutput output) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        InterlockSpringAiAutoConfiguration.class,
                        ToolCallingAutoConfiguration.class,
                        OpenAiChatAutoConfiguration.class))
                .withPropertyValues(
                        "spring.ai.openai.api-key=none",
                        "spring.ai.openai.max-retries=0",
                        "spring.ai.openai.timeout=40m")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(ChatModel.class);
                    assertThat(output)
                            .containsOnlyOnce("The model openAiChatModel gives a whole call 60 s")
                            .doesNotContain("repeats a failing call");
                });
    }

    @Test
    void and_says_nothing_if_that_is_not_wanted(CapturedOutput output) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        InterlockSpringAiAutoConfiguration.class,
                        ToolCallingAutoConfiguration.class,
                        OpenAiChatAutoConfiguration.class))
                .withPropertyValues("spring.ai.openai.api-key=none", "interlock.spring-ai.warnings=false")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(ChatModel.class);
                    assertThat(output).doesNotContain("gives a whole call");
                });
    }

    /** By the file that Spring Boot reads. */
    @Test
    void spring_boot_finds_the_configuration() {
        assertThat(org.springframework.boot.context.annotation.ImportCandidates.load(
                        org.springframework.boot.autoconfigure.AutoConfiguration.class,
                        getClass().getClassLoader()))
                .contains(InterlockSpringAiAutoConfiguration.class.getName());
    }
}
