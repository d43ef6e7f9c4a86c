package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls from transcripts of Claude Code: calls of the model with each attempt that failed, and calls of tools. Several
 * sessions may be in one file, mixed or one after the other. What people and models wrote is not kept.
 */
final class TranscriptReader extends JsonLinesReader<TranscriptSession.Ended> {
    private static final int SESSIONS = 10_000;

    private final By by;
    private final Names names;
    private final Map<String, TranscriptSession> sessions = new LinkedHashMap<>();
    private long others;
    private long unanswered;

    /** The first line must be the present one. */
    TranscriptReader(Lines lines, By by, Names names) {
        super(lines);
        this.by = by;
        this.names = names;
    }

    @Override
    void end() {
        sessions.values().forEach(this::end);
    }

    @Override
    Call call(TranscriptSession.Ended ended) throws BadRowException {
        return new Call(
                ended.line(),
                ended.start(),
                ended.end() - ended.start(),
                by.needsAgent() ? names.of("sessionId", ended.agent()) : null,
                by.needsTarget() ? names.of("target", ended.target()) : null,
                ended.isOk(),
                ended.kind(),
                ended.retryAfter(),
                null);
    }

    @Override
    public String leftOut() {
        List<String> words = new ArrayList<>();
        if (others > 0) {
            words.add(others + (others == 1 ? " line that is no call" : " lines that are no calls"));
        }
        if (unanswered > 0) {
            words.add(unanswered + (unanswered == 1 ? " tool call without a result" : " tool calls without a result"));
        }
        return String.join(", ", words);
    }

    @Override
    void readLine(JsonNode line) throws BadRowException {
        String type = line.path("type").asText();
        boolean isCall = type.equals("assistant")
                || type.equals("user")
                || type.equals("system") && line.path("subtype").asText().equals("api_error");
        if (!isCall) {
            others++;
            return;
        }
        String text = line.path("timestamp").asText();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long time = Cells.time("timestamp", bytes, 0, bytes.length);
        TranscriptSession session = session(line);
        switch (type) {
            case "assistant" -> session.assistant(line, line(), time);
            case "user" -> session.user(line, line(), time);
            default -> session.failedAttempt(line, line(), time);
        }
    }

    /** A session's subagents have requests of their own at the same time. */
    private TranscriptSession session(JsonNode line) {
        String id = line.path("sessionId").asText();
        String agent = line.path("agentId").asText();
        String name = (id.isEmpty() ? "claude-code" : id) + (agent.isEmpty() ? "" : "/" + agent);
        TranscriptSession known = sessions.get(name);
        if (known == null) {
            if (sessions.size() >= SESSIONS) {
                String eldest = sessions.keySet().iterator().next();
                end(sessions.get(eldest));
                sessions.remove(eldest);
            }
            known = new TranscriptSession(name, this::ready);
            sessions.put(name, known);
        }
        return known;
    }

    private void end(@Nullable TranscriptSession session) {
        if (session != null) {
            session.end();
            unanswered += session.unanswered();
        }
    }
}
