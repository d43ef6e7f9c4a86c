package dev.interlock.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.monitor.budgets.Usage;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What answers of providers say of tokens, whole and in pieces of any size. */
class UsageReaderTest {
    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of("OpenAI's chat", """
                        {"id":"c","choices":[{"message":{"content":"the \\"usage\\": {\\"prompt_tokens\\": 9}"}}],
                         "usage": {"prompt_tokens": 120, "completion_tokens": 34, "total_tokens": 154,
                           "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 0},
                           "completion_tokens_details": {"reasoning_tokens": 12}}}""", new Usage(120, 34, 100, null)),
                Arguments.of("OpenAI's chat in pieces", """
                        data: {"choices":[{"delta":{"content":"a"}}],"usage":null}

                        data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}

                        data: [DONE]

                        """, new Usage(7, 5, 0, null)),
                Arguments.of("OpenAI's responses", """
                        event: response.completed
                        data: {"type":"response.completed","response":{"usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":4},"output_tokens":87}}}

                        """, new Usage(36, 87, 4, null)),
                Arguments.of("embeddings", """
                        {"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}""", new Usage(8, 0, 0, null)),
                Arguments.of("Anthropic's messages", """
                        {"content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":90,
                        "cache_creation_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":5},
                        "output_tokens":3}}""", new Usage(105, 3, 90, null)),
                Arguments.of("Anthropic's messages in pieces", """
                        event: message_start
                        data: {"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}

                        event: message_delta
                        data: {"type":"message_delta","usage":{"output_tokens":15}}

                        event: message_delta
                        data: {"type":"message_delta","usage":{"output_tokens":42}}

                        """, new Usage(25, 42, 0, null)),
                Arguments.of("a failure", "{\"error\":{\"message\":\"no\"}}", Usage.UNKNOWN),
                Arguments.of("no object", "{\"usage\": 17, \"x\": \"\\\"usage\"}", Usage.UNKNOWN),
                Arguments.of("negative numbers", "{\"usage\":{\"prompt_tokens\":-5}}", Usage.UNKNOWN),
                Arguments.of("never ends", "{\"usage\":{" + "\"a\":1,".repeat(2_000), Usage.UNKNOWN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void tokens_are_found_however_the_answer_is_cut(String name, String answer, Usage expected) {
        byte[] bytes = answer.getBytes(UTF_8);
        assertThat(read(bytes, bytes.length)).isEqualTo(expected);
        assertThat(read(bytes, 1)).isEqualTo(expected);
        assertThat(read(bytes, 7)).isEqualTo(expected);
    }

    @Test
    void any_bytes_are_read_without_a_mistake() {
        Random random = new Random(7);
        byte[] letters = "\"usage\":{}[]ptk_5,\\ n".getBytes(UTF_8);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = letters[random.nextInt(letters.length)];
            }
            byte[] usage = ("\"usage\":{" + new String(bytes, UTF_8) + "}}}").getBytes(UTF_8);
            assertThat(read(usage, 3).inputTokens()).isNotNegative();
        }
    }

    private static Usage read(byte[] bytes, int atOnce) {
        UsageReader reader = new UsageReader();
        for (int from = 0; from < bytes.length; from += atOnce) {
            byte[] piece = new byte[Math.min(atOnce, bytes.length - from)];
            System.arraycopy(bytes, from, piece, 0, piece.length);
            reader.piece(piece);
        }
        return reader.usage();
    }
}
