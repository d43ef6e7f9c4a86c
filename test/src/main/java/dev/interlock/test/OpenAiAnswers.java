package dev.interlock.test;

import static dev.interlock.test.JsonWords.quoted;

import java.time.Duration;

/**
 * Answers in the wire format of OpenAI's chat completions, which many other providers speak, too: whole ones and streams,
 * empty and filtered ones, calls of tools, and errors. Each has 12 tokens of input and 5 of output.
 */
public final class OpenAiAnswers {
    private static final String USAGE = "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\"total_tokens\":17}";

    private OpenAiAnswers() {}

    /**
     * A whole answer.
     *
     * @param text what the model says
     * @return 200, with finish reason {@code stop}
     */
    public static Answer text(String text) {
        return whole("{\"role\":\"assistant\",\"content\":" + quoted(text) + "}", "stop");
    }

    /**
     * An answer without a word.
     *
     * @return 200, with empty content and finish reason {@code stop}
     */
    public static Answer empty() {
        return whole("{\"role\":\"assistant\",\"content\":\"\"}", "stop");
    }

    /**
     * An answer that a filter took away.
     *
     * @return 200, without content, with finish reason {@code content_filter}
     */
    public static Answer filtered() {
        return whole("{\"role\":\"assistant\",\"content\":null}", "content_filter");
    }

    /**
     * A call of a tool.
     *
     * @param name of the tool
     * @param arguments a JSON object
     * @return 200, with finish reason {@code tool_calls}
     */
    public static Answer toolCall(String name, String arguments) {
        return whole(
                "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\","
                        + "\"function\":{\"name\":" + quoted(name) + ",\"arguments\":" + quoted(arguments) + "}}]}",
                "tool_calls");
    }

    /**
     * A stream that ends as it should: the pieces, a finish reason, the usage, and {@code [DONE]}.
     *
     * @param pieces of the text
     * @return 200, one event a piece
     */
    public static Answer stream(String... pieces) {
        return pieces(pieces)
                .thenEvent(Duration.ZERO, chunk("{}", "\"stop\""))
                .thenEvent(Duration.ZERO, "{" + head("chat.completion.chunk") + ",\"choices\":[]," + USAGE + "}")
                .thenEvent(Duration.ZERO, "[DONE]");
    }

    /**
     * The pieces of a stream without an end, to which one of {@link Answer#thenStalled()}, {@link Answer#thenReset()} and the
     * like is to be added; as it is it ends in order without an end mark.
     *
     * @param pieces of the text
     * @return 200, one event a piece
     */
    public static Answer pieces(String... pieces) {
        Answer answer = Answer.events();
        for (String each : pieces) {
            answer = answer.thenEvent(Duration.ZERO, piece(each));
        }
        return answer;
    }

    /**
     * An event of a stream, for {@link Answer#thenEvent(Duration, String)}.
     *
     * @param text part of what the model says
     * @return its data
     */
    public static String piece(String text) {
        return chunk("{\"content\":" + quoted(text) + "}", "null");
    }

    /**
     * An error.
     *
     * @param status 400 to 599
     * @param code such as {@code insufficient_quota}
     * @param message for people
     * @return the status, with the error as body
     */
    public static Answer error(int status, String code, String message) {
        return Answer.json(status, errorBody(code, message));
    }

    /**
     * The body of an error, which some providers send within a stream.
     *
     * @param code such as {@code server_error}
     * @param message for people
     * @return an object with one member, {@code error}
     */
    public static String errorBody(String code, String message) {
        return "{\"error\":{\"message\":" + quoted(message) + ",\"type\":" + quoted(code) + ",\"param\":null,\"code\":"
                + quoted(code) + "}}";
    }

    private static Answer whole(String message, String reason) {
        return Answer.json("{" + head("chat.completion") + ",\"choices\":[{\"index\":0,\"message\":" + message
                + ",\"finish_reason\":" + quoted(reason) + "}]," + USAGE + "}");
    }

    private static String chunk(String delta, String reason) {
        return "{" + head("chat.completion.chunk") + ",\"choices\":[{\"index\":0,\"delta\":" + delta
                + ",\"finish_reason\":" + reason + "}]}";
    }

    private static String head(String object) {
        return "\"id\":\"chatcmpl-1\",\"object\":" + quoted(object) + ",\"created\":1767225600,\"model\":\"fake-1\"";
    }
}
