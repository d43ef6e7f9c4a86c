package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.FailureKind;
import dev.interlock.monitor.spans.RecordedError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session of a transcript, line by line. A request to the model begins when a person or the last tool has spoken,
 * or when the wait after a failed attempt is over; an answer in several lines ends with the last of them.
 */
final class TranscriptSession {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final double LONGEST_WAIT_MILLIS = 86_400_000;
    private static final String MODEL = "model:";
    private static final String UNKNOWN_MODEL = "model:unknown";
    private static final String SYNTHETIC = "<synthetic>";

    /**
     * A call that is over.
     *
     * @param line in which it ended
     * @param agent the session, or its subagent
     * @param target the model or the tool
     * @param start when it began, nanoseconds since 1970
     * @param end when it ended, not before
     * @param kind how it failed, or null
     * @param retryAfter the wait that was asked for in nanoseconds, or {@link Call#NO_WAIT}
     */
    record Ended(
            long line,
            String agent,
            String target,
            long start,
            long end,
            @Nullable FailureKind kind,
            long retryAfter) {
        boolean isOk() {
            return kind == null || kind == FailureKind.CANCELLED;
        }
    }

    /** A tool that runs. */
    private record Tool(String name, long start) {}

    /** An attempt that failed before any answer said which model it was. */
    private record Attempt(long line, long start, long end, FailureKind kind, long retryAfter) {}

    private final String agent;
    private final Consumer<Ended> calls;
    private final Map<String, Tool> tools = new HashMap<>();
    private final List<Attempt> withoutModel = new ArrayList<>();

    private @Nullable String model;

    /** When the request that is out began, or the next one may begin. */
    private long asked = -1;

    private String answer = "";
    private long answerStart;
    private long answerEnd;
    private long answerLine;
    private @Nullable FailureKind answerKind;

    TranscriptSession(String agent, Consumer<Ended> calls) {
        this.agent = agent;
        this.calls = calls;
    }

    /** What the model said, or an error that the program put in its place. */
    void assistant(JsonNode line, long number, long time) {
        JsonNode message = line.path("message");
        String named = message.path("model").asText();
        if (line.path("isApiErrorMessage").asBoolean() || named.equals(SYNTHETIC)) {
            endAnswer();
            if (line.path("isApiErrorMessage").asBoolean()) {
                attempt(number, time, lastError(line), Call.NO_WAIT);
            }
            asked = time;
            return;
        }
        String id = message.path("id").asText();
        if (answer.isEmpty() || !answer.equals(id)) {
            endAnswer();
            answer = id.isEmpty() ? "line " + number : id;
            answerStart = asked < 0 || asked > time ? time : asked;
            if (!named.isEmpty()) {
                knowModel(MODEL + named);
            }
        }
        answerEnd = Math.max(time, answerStart);
        answerLine = number;
        answerKind = message.path("stop_reason").asText().equals("refusal") ? FailureKind.CONTENT_FILTERED : null;
        for (JsonNode block : message.path("content")) {
            if (block.path("type").asText().equals("tool_use")) {
                tools.putIfAbsent(
                        block.path("id").asText(), new Tool(block.path("name").asText(), time));
            }
        }
    }

    /** What a person said, or what tools answered. */
    void user(JsonNode line, long number, long time) {
        endAnswer();
        for (JsonNode block : line.path("message").path("content")) {
            if (block.path("type").asText().equals("tool_result")) {
                Tool tool = tools.remove(block.path("tool_use_id").asText());
                if (tool != null && !tool.name.isEmpty()) {
                    boolean failed = block.path("is_error").asBoolean();
                    FailureKind kind = isStopped(line) ? FailureKind.CANCELLED : failed ? FailureKind.TOOL_ERROR : null;
                    long start = Math.min(tool.start, time);
                    calls.accept(new Ended(number, agent, "tool:" + tool.name, start, time, kind, Call.NO_WAIT));
                }
            }
        }
        asked = time;
    }

    /** An attempt that failed and will be repeated. */
    void failedAttempt(JsonNode line, long number, long time) {
        endAnswer();
        JsonNode error = line.path("error");
        RecordedError said = new RecordedError(FailureKind.ERROR)
                .status(error.path("status").asInt())
                .named(error.path("error").path("error").path("type").asText())
                .named(error.path("cause").path("code").asText())
                .named(error.path("code").asText())
                .text(error.path("message").asText());
        attempt(number, time, said.kind(), retryAfter(error.path("headers")));
        double wait = line.path("retryInMs").asDouble();
        asked = time + (wait > 0 && wait <= LONGEST_WAIT_MILLIS ? (long) (wait * MILLI) : 0);
    }

    /** The file has ended. */
    void end() {
        endAnswer();
        knowModel(model == null ? UNKNOWN_MODEL : model);
    }

    /** Tools that were called and have not answered. */
    int unanswered() {
        return tools.size();
    }

    private void attempt(long number, long time, FailureKind kind, long retryAfter) {
        long start = asked < 0 || asked > time ? time : asked;
        Attempt failed = new Attempt(number, start, time, kind, retryAfter);
        if (model == null) {
            withoutModel.add(failed);
        } else {
            accept(failed, model);
        }
    }

    private void knowModel(String name) {
        model = name;
        withoutModel.forEach(failed -> accept(failed, name));
        withoutModel.clear();
    }

    private void accept(Attempt failed, String target) {
        calls.accept(new Ended(failed.line, agent, target, failed.start, failed.end, failed.kind, failed.retryAfter));
    }

    private void endAnswer() {
        if (!answer.isEmpty()) {
            answer = "";
            String target = model == null ? UNKNOWN_MODEL : model;
            calls.accept(new Ended(answerLine, agent, target, answerStart, answerEnd, answerKind, Call.NO_WAIT));
            asked = answerEnd;
        }
    }

    private static FailureKind lastError(JsonNode line) {
        JsonNode error = line.path("error");
        JsonNode content = line.path("message").path("content").path(0);
        return new RecordedError(FailureKind.ERROR)
                .status(line.path("apiErrorStatus").asInt())
                .status(error.path("status").asInt())
                .named(error.isTextual() ? error.asText() : error.path("type").asText())
                .text(content.path("text").asText())
                .kind();
    }

    private static long retryAfter(JsonNode headers) {
        double seconds = headers.path("retry-after").asDouble();
        return seconds > 0 && seconds * 1_000 <= LONGEST_WAIT_MILLIS ? (long) (seconds * SECOND) : Call.NO_WAIT;
    }

    /** Whether a person stopped the tool or would not have it run. */
    private static boolean isStopped(JsonNode line) {
        JsonNode result = line.path("toolUseResult");
        return result.path("interrupted").asBoolean() || result.asText().startsWith("User rejected");
    }
}
