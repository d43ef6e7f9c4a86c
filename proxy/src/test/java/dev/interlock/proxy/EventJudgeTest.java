package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EventJudgeTest {
    private static final String CHUNK = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    private static final String DONE = "data: [DONE]\n\n";
    private static final String PIECE =
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n\n";
    private static final String STOP = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    private static final String RESULT =
            "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"isError\":%s}}\n\n";

    private static EventJudge judged(Kind kind, String stream, int longest) {
        EventJudge judge = new EventJudge(kind);
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; at += longest) {
            judge.piece(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + longest)));
        }
        return judge;
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of(Kind.CHAT, "", FailureKind.EMPTY_RESPONSE),
                Arguments.of(Kind.CHAT, ": keep alive\n\n: keep alive\n\n", FailureKind.EMPTY_RESPONSE),
                Arguments.of(Kind.CHAT, "data:\n\ndata: \n\n" + DONE, FailureKind.EMPTY_RESPONSE),
                Arguments.of(Kind.CHAT, CHUNK + DONE, null),
                Arguments.of(Kind.CHAT, CHUNK.replace("\n", "\r\n") + DONE, null),
                Arguments.of(Kind.CHAT, CHUNK.replace("data: ", "data:") + "data:[DONE]", FailureKind.CONNECTION),
                Arguments.of(Kind.CHAT, CHUNK, FailureKind.CONNECTION),
                Arguments.of(
                        Kind.CHAT,
                        CHUNK + "data: {\"error\":{\"type\":\"server_error\",\"message\":\"no\"}}\n\n" + DONE,
                        FailureKind.SERVER_ERROR),
                Arguments.of(
                        Kind.CHAT,
                        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n" + DONE,
                        FailureKind.CONTENT_FILTERED),
                Arguments.of(
                        Kind.CHAT,
                        "data: {\"choices\":[{\"delta\":{\"content\":\"say \\\"content_filter\\\"\"}}]}\n\n" + DONE,
                        null),
                Arguments.of(
                        Kind.CHAT,
                        "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"error\\\": 1}\"}}]}\n\n" + DONE,
                        null),
                Arguments.of(Kind.MESSAGES, PIECE + STOP, null),
                Arguments.of(Kind.MESSAGES, PIECE, FailureKind.CONNECTION),
                Arguments.of(Kind.MESSAGES, PIECE + DONE + "data: x\n\n", null),
                Arguments.of(
                        Kind.MESSAGES,
                        PIECE
                                + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
                        FailureKind.OVERLOADED),
                Arguments.of(
                        Kind.MESSAGES,
                        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\"}}\n\n" + STOP,
                        FailureKind.CONTENT_FILTERED),
                Arguments.of(Kind.RESPONSES, "data: {\"type\":\"response.completed\"}\n\n", null),
                Arguments.of(Kind.RESPONSES, "data: {\"type\": \"response.incomplete\"}\n\n", null),
                Arguments.of(Kind.RESPONSES, "data: {\"type\":\"response.created\"}\n\n", FailureKind.CONNECTION),
                Arguments.of(
                        Kind.RESPONSES,
                        "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\"}}}\n\n",
                        FailureKind.SERVER_ERROR),
                Arguments.of(Kind.RPC, RESULT.formatted("false"), null),
                Arguments.of(Kind.RPC, RESULT.formatted("true"), FailureKind.TOOL_ERROR),
                Arguments.of(
                        Kind.RPC,
                        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}\n\n",
                        FailureKind.EMPTY_RESPONSE),
                Arguments.of(
                        Kind.RPC,
                        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}\n\n"
                                + RESULT.formatted("false"),
                        null),
                Arguments.of(
                        Kind.RPC,
                        "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"no\"}}\n\n",
                        FailureKind.INVALID_REQUEST),
                Arguments.of(
                        Kind.RPC,
                        "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"no\"}}\n\n",
                        FailureKind.SERVER_ERROR));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("streams")
    void a_stream_is_judged_the_same_in_whatever_pieces_it_comes(Kind kind, String stream, @Nullable FailureKind said) {
        for (int longest : new int[] {1, 2, 7, 10_000}) {
            assertThat(judged(kind, stream, longest).outcome().kind())
                    .as(longest + " bytes a piece")
                    .isEqualTo(said);
        }
    }

    @Test
    void a_line_of_megabytes_is_looked_at_where_it_begins_and_ends() {
        String long1 = "x".repeat(3_000_000);
        String result = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"text\":\"" + long1
                + "\"}],\"isError\":true}}\n\n";
        for (int longest : new int[] {1_000, 8_192, 65_536}) {
            assertThat(judged(Kind.RPC, result, longest).outcome().kind()).isEqualTo(FailureKind.TOOL_ERROR);
            assertThat(judged(Kind.RPC, result.replace("true", "false"), longest)
                            .outcome()
                            .isSuccess())
                    .isTrue();
        }
    }

    @Test
    void the_mark_of_the_end_is_known_as_soon_as_it_has_come() {
        EventJudge judge = judged(Kind.CHAT, CHUNK, 100);
        assertThat(judge.hasEnded()).isFalse();
        judge.piece("data: [DONE]".getBytes(StandardCharsets.US_ASCII));
        assertThat(judge.hasEnded()).as("its line has not ended").isFalse();
        judge.piece("\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(judge.hasEnded()).isTrue();
    }

    @Test
    void whatever_comes_is_judged() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[random.nextInt(400)];
            random.nextBytes(bytes);
            EventJudge judge = new EventJudge(Kind.values()[random.nextInt(Kind.values().length)]);
            judge.piece("data: {\"".getBytes(StandardCharsets.US_ASCII));
            judge.piece(bytes);
            assertThat(judge.outcome()).isNotNull();
        }
    }
}
