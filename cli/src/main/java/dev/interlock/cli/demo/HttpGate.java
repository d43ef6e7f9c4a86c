package dev.interlock.cli.demo;

import dev.interlock.FailureKind;
import dev.interlock.monitor.AgentLogger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The server's permits, outcomes, log and traces, over HTTP. */
final class HttpGate implements Gate, AutoCloseable {
    private static final int OPEN = 503;

    /** How long an entry waits for others, by the story's clock: what only the log says is to be seen at once. */
    private static final int LOG_EVERY = 500;

    private final Api api;
    private final LiveStage stage;
    private final int speed;
    private final Predicate<String> traced;
    private final AgentLogger log;

    /**
     * A gate.
     *
     * @param api the server, seen by the fleet
     * @param stage where answers are reported
     * @param speed how much faster than the clock the story goes
     * @param traced which agents send traces in place of their log
     */
    HttpGate(Api api, LiveStage stage, int speed, Predicate<String> traced) {
        this.api = api;
        this.traced = traced;
        this.stage = stage;
        this.speed = speed;
        this.log = api.log()
                .interval(Duration.ofMillis(LOG_EVERY / speed))
                .closeTimeout(Duration.ofMillis(LOG_EVERY))
                .onLost((entries, why) -> {}) // the page of the agent shows what arrived
                .build();
    }

    @Override
    public void ask(String agent, List<String> dependsOn, Consumer<Answer> then) {
        api.send("POST", circuit(agent, "permits"), Map.of("depends_on", dependsOn))
                .whenComplete((reply, failed) ->
                        stage.execute(() -> then.accept(failed == null ? answer(agent, reply) : Answer.away())));
    }

    private Answer answer(String agent, Api.Reply reply) {
        if (reply.isGood()) {
            String permit = reply.body().path("permit").asText();
            return Answer.leave(ending -> report(agent, permit, ending));
        }
        if (reply.status() == OPEN) {
            return Answer.refused(
                    reply.body().path("agent_id").asText(),
                    reply.body().path("retry_after_ms").asLong() * speed);
        }
        return Answer.away();
    }

    @Override
    public void log(Call call, Ending ending, boolean guarded) {
        if (traced.test(call.agent())) {
            api.send("POST", "/v1/traces", SpanOfCall.request(call, ending, speed, Instant.now()));
        } else {
            log.log(Entries.of(call, ending, speed, Instant.now(), guarded));
        }
    }

    @Override
    public void close() {
        log.close();
    }

    /** An outcome that does not arrive is one that the server never hears of, as in life. */
    private void report(String agent, String permit, Ending ending) {
        Map<String, Object> outcome = new HashMap<>();
        outcome.put("permit", permit);
        FailureKind kind = ending.kind();
        outcome.put("outcome", kind == null ? "success" : "failure");
        outcome.put("duration_ms", (double) ending.took() / speed);
        if (kind != null) {
            outcome.put("kind", kind.name());
        }
        api.send("POST", circuit(agent, "outcomes"), outcome);
    }

    private static String circuit(String agent, String what) {
        return "/api/v1/circuits/"
                + URLEncoder.encode(agent, StandardCharsets.UTF_8).replace("+", "%20") + "/" + what;
    }
}
