package dev.interlock.test;

import static dev.interlock.test.JsonWords.quoted;

import java.time.Duration;

/**
 * Answers in the wire format of Anthropic's messages: whole ones and streams, empty and refused ones, uses of tools, and
 * errors. Each has 12 tokens of input and 5 of output.
 */
public final class AnthropicAnswers {
    private AnthropicAnswers() {}

    /**
     * A whole answer.
     *
     * @param text what the model says
     * @return 200, with stop reason {@code end_turn}
     */
    public static Answer text(String text) {
        return whole("{\"type\":\"text\",\"text\":" + quoted(text) + "}", "end_turn");
    }

    /**
     * An answer without a word.
     *
     * @return 200, without content, with stop reason {@code end_turn}
     */
    public static Answer empty() {
        return whole("", "end_turn");
    }

    /**
     * An answer that the model will not give.
     *
     * @return 200, without content, with stop reason {@code refusal}
     */
    public static Answer refused() {
        return whole("", "refusal");
    }

    /**
     * A use of a tool.
     *
     * @param name of the tool
     * @param input a JSON object
     * @return 200, with stop reason {@code tool_use}
     */
    public static Answer toolUse(String name, String input) {
        return whole(
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":" + quoted(name) + ",\"input\":" + input + "}",
                "tool_use");
    }

    /**
     * A stream that ends as it should.
     *
     * @param pieces of the text
     * @return 200, one event a piece, then {@code message_stop}
     */
    public static Answer stream(String... pieces) {
        return pieces(pieces)
                .then(Duration.ZERO, event("content_block_stop", ",\"index\":0"))
                .then(
                        Duration.ZERO,
                        event(
                                "message_delta",
                                ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}"))
                .then(Duration.ZERO, event("message_stop", ""));
    }

    /**
     * The pieces of a stream without an end, to which one of {@link Answer#thenStalled()}, {@link Answer#thenReset()} and the
     * like is to be added; as it is it ends in order without an end mark.
     *
     * @param pieces of the text
     * @return 200, one event a piece
     */
    public static Answer pieces(String... pieces) {
        Answer answer = Answer.events()
                .then(
                        Duration.ZERO,
                        event(
                                "message_start",
                                ",\"message\":{" + head()
                                        + ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}"))
                .then(
                        Duration.ZERO,
                        event(
                                "content_block_start",
                                ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"));
        for (String each : pieces) {
            answer = answer.then(
                    Duration.ZERO,
                    event(
                            "content_block_delta",
                            ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + quoted(each) + "}"));
        }
        return answer;
    }

    /**
     * An event of a stream that says that something failed, for {@link Answer#then(Duration, String)}.
     *
     * @param type such as {@code overloaded_error}
     * @param message for people
     * @return the whole event
     */
    public static String errorEvent(String type, String message) {
        return event("error", ",\"error\":{\"type\":" + quoted(type) + ",\"message\":" + quoted(message) + "}");
    }

    /**
     * An error.
     *
     * @param status 400 to 599
     * @param type such as {@code overloaded_error}
     * @param message for people
     * @return the status, with the error as body
     */
    public static Answer error(int status, String type, String message) {
        return Answer.json(
                status,
                "{\"type\":\"error\",\"error\":{\"type\":" + quoted(type) + ",\"message\":" + quoted(message) + "}}");
    }

    private static Answer whole(String content, String reason) {
        return Answer.json("{" + head() + ",\"content\":[" + content + "],\"stop_reason\":" + quoted(reason)
                + ",\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":5}}");
    }

    private static String event(String type, String more) {
        return "event: " + type + "\ndata: {\"type\":" + quoted(type) + more + "}\n\n";
    }

    private static String head() {
        return "\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"fake-1\"";
    }
}
