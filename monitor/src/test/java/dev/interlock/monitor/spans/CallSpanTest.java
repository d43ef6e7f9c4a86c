package dev.interlock.monitor.spans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.monitor.spans.CallSpan.What;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a span says of a call, whatever generation of names it uses. */
class CallSpanTest {
    @ParameterizedTest
    @CsvSource({
        "gen_ai.operation.name=chat;gen_ai.request.model=m, MODEL_CALL, model:m",
        "gen_ai.operation.name=embeddings;gen_ai.response.model=m, MODEL_CALL, model:m",
        "gen_ai.operation.name=chat;gen_ai.request.model=model:m, MODEL_CALL, model:m",
        "openinference.span.kind=EMBEDDING;embedding.model_name=e, MODEL_CALL, model:e",
        "ai.operationId=ai.streamText.doStream;ai.model.id=m, MODEL_CALL, model:m",
        "llm.request.type=completion;gen_ai.request.model=m, MODEL_CALL, model:m",
        "langsmith.span.kind=tool;gen_ai.tool.name=t, TOOL_CALL, tool:t",
        "mcp.method.name=tools/call;gen_ai.tool.name=t, TOOL_CALL, tool:t",
        "traceloop.span.kind=tool;traceloop.entity.name=t, TOOL_CALL, tool:t",
        "gen_ai.operation.name=invoke_agent;gen_ai.request.model=m, AGENT, ''",
        "gen_ai.operation.name=create_agent, OTHER, ''",
        "http.request.method=GET, OTHER, ''"
    })
    void says_what_it_is_and_what_it_calls(String attributes, What what, String target) {
        CallSpan span = with(attributes).build();

        assertThat(span.what()).isEqualTo(what);
        assertThat(span.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({
        "error.type=circuit_open;http.response.status_code=503, DOWNSTREAM_OPEN",
        "error.type=dev.interlock.CircuitOpenException, DOWNSTREAM_OPEN",
        "error.type=503;http.response.header.interlock-refused=model:m, DOWNSTREAM_OPEN",
        "error.type=io.github.resilience4j.circuitbreaker.CallNotPermittedException, DOWNSTREAM_OPEN",
        "error.type=insufficient_quota;http.response.status_code=429, QUOTA_EXHAUSTED",
        "error.type=429, RATE_LIMITED",
        "error.type=httpx.ReadTimeout, TIMEOUT",
        "error.type=asyncio.exceptions.CancelledError, CANCELLED"
    })
    void a_refusal_goes_before_code_status_and_name(String attributes, FailureKind kind) {
        assertThat(with("gen_ai.operation.name=chat;" + attributes).build().kind())
                .isEqualTo(kind);
    }

    @Test
    void a_failure_needs_no_error_type() {
        CallSpan span = with("gen_ai.operation.name=chat")
                .failed("overloaded")
                .exception("anthropic.OverloadedError", "Error code: 529")
                .build();
        assertThat(span.kind()).isEqualTo(FailureKind.OVERLOADED);
        assertThat(span.error()).isEqualTo("anthropic.OverloadedError");

        assertThat(with("gen_ai.operation.name=chat")
                        .exception(null, null)
                        .build()
                        .kind())
                .isEqualTo(FailureKind.ERROR);
        assertThat(with("gen_ai.operation.name=chat")
                        .exception("ValueError", "met on the way")
                        .ok()
                        .build()
                        .kind())
                .as("its author says that all went well")
                .isNull();
    }

    @Test
    void a_wait_is_read_of_a_header_or_of_the_words() {
        assertThat(with("error.type=429;http.response.header.retry-after=7")
                        .build()
                        .retryAfter())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(with("error.type=429")
                        .failed("Please try again in 20s.")
                        .build()
                        .retryAfter())
                .isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void tokens_are_those_of_the_newest_names_and_never_a_total() {
        CallSpan span = with("gen_ai.operation.name=chat;gen_ai.usage.input_tokens=17;gen_ai.usage.prompt_tokens=99;"
                        + "gen_ai.usage.completion_tokens=5;gen_ai.usage.total_tokens=22;gen_ai.usage.cache_read.input_tokens=9")
                .build();

        assertThat(span.inputTokens()).isEqualTo(17);
        assertThat(span.outputTokens()).isEqualTo(5);
        assertThat(span.cachedTokens()).isEqualTo(9);
        assertThat(with("gen_ai.usage.input_tokens=-5;gen_ai.usage.output_tokens=many")
                        .build()
                        .inputTokens())
                .isNegative();
    }

    @Test
    void a_name_of_an_error_that_could_be_a_text_is_not_kept() {
        assertThat(with("error.type=ask ada@example.com").build().error()).isEmpty();
        assertThat(with("error.type=" + "x".repeat(200)).build().error()).isEmpty();
        assertThat(CallSpan.reads("gen_ai.input.messages")).isFalse();
        assertThat(CallSpan.reads("gen_ai.output.messages")).isFalse();
    }

    @Test
    void of_a_tools_arguments_and_result_only_a_digest_is_kept() {
        CallSpan span = with("gen_ai.tool.call.arguments=a-hidden-argument;gen_ai.tool.call.result=a-hidden-result")
                .build();
        assertThat(span.arguments()).matches("[0-9a-f]{32}");
        assertThat(span.toString()).doesNotContain("hidden");
        assertThat(with("gen_ai.tool.call.arguments=a-hidden-argument").build().arguments())
                .isEqualTo(span.arguments());
        assertThat(with("x=y").build().arguments()).isEmpty();
    }

    @Test
    void longer_values_are_no_names_and_a_builder_may_be_used_again() {
        CallSpanBuilder builder = with("gen_ai.operation.name=chat;gen_ai.request.model=" + "m".repeat(600));
        assertThat(builder.build().target()).isEmpty();

        CallSpan next = builder.clear().attribute("gen_ai.tool.name", "t").build();
        assertThat(next.what()).isEqualTo(What.TOOL_CALL);
        assertThat(next.kind()).isNull();
    }

    private static CallSpanBuilder with(String attributes) {
        CallSpanBuilder builder = CallSpan.builder();
        for (String each : attributes.split(";")) {
            builder.attribute(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        return builder;
    }
}
