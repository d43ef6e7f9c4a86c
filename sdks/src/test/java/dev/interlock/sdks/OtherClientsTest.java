package dev.interlock.sdks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.service.output.OutputParsingException;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.TimeoutKt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Exceptions that frameworks make by themselves: LangChain4j's, those of MCP, a time limit of coroutines. */
class OtherClientsTest {
    static Stream<Arguments> ofLangChain4j() {
        return Stream.of(
                Arguments.of(new RateLimitException("slow down"), FailureKind.RATE_LIMITED),
                Arguments.of(
                        new RateLimitException(new HttpException(429, "{\"error\":{\"code\":\"insufficient_quota\"}}")),
                        FailureKind.QUOTA_EXHAUSTED),
                Arguments.of(new InvalidRequestException(new HttpException(402, "{}")), FailureKind.QUOTA_EXHAUSTED),
                Arguments.of(new InternalServerException(new HttpException(503, "{}")), FailureKind.OVERLOADED),
                Arguments.of(new InternalServerException(new HttpException(529, "{}")), FailureKind.OVERLOADED),
                Arguments.of(new InternalServerException("oops"), FailureKind.SERVER_ERROR),
                Arguments.of(new ModelNotFoundException("no"), FailureKind.MODEL_NOT_FOUND),
                Arguments.of(new ContentFilteredException("no"), FailureKind.CONTENT_FILTERED),
                Arguments.of(new ToolExecutionException("no"), FailureKind.TOOL_ERROR),
                Arguments.of(new ToolArgumentsException("no"), FailureKind.MALFORMED_OUTPUT),
                Arguments.of(new OutputParsingException("no", null), FailureKind.MALFORMED_OUTPUT));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofLangChain4j")
    void of_LangChain4j(Exception thrown, FailureKind kind) {
        assertThat(kindOf(thrown)).isEqualTo(kind);
    }

    @Test
    void of_MCP() {
        assertThat(kindOf(mcp(McpSchema.ErrorCodes.INVALID_PARAMS))).isEqualTo(FailureKind.INVALID_REQUEST);
        assertThat(kindOf(mcp(McpSchema.ErrorCodes.METHOD_NOT_FOUND))).isEqualTo(FailureKind.INVALID_REQUEST);
        assertThat(kindOf(mcp(McpSchema.ErrorCodes.INTERNAL_ERROR))).isEqualTo(FailureKind.SERVER_ERROR);
    }

    private static McpError mcp(int code) {
        return McpError.builder(code).message("no").build();
    }

    @Test
    void a_time_limit_of_coroutines_is_a_time_out_though_it_is_a_cancellation() {
        assertThat(Judged.of(() -> BuildersKt.runBlocking(
                                EmptyCoroutineContext.INSTANCE,
                                (scope, then) -> TimeoutKt.withTimeout(
                                        10,
                                        (inner, next) ->
                                                kotlinx.coroutines.DelayKt.delay(TimeUnit.MINUTES.toMillis(1), next),
                                        then)))
                        .kind())
                .isEqualTo(FailureKind.TIMEOUT);
    }

    private static FailureKind kindOf(Exception thrown) {
        return Judged.of(() -> {
                    throw thrown;
                })
                .kind();
    }
}
