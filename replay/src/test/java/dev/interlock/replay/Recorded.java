package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.CircuitBreakerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small log, written call by call, and what a replay of it says. */
final class Recorded {
    /** Two failures in a row trip, ten seconds of cooldown, one good trial closes. */
    static final CircuitBreakerConfig QUICK = CircuitBreakerConfig.builder()
            .failureThreshold(2)
            .failureRateThreshold(null)
            .cooldown(java.time.Duration.ofSeconds(10))
            .halfOpenMaxRequests(1)
            .successThreshold(1)
            .build();

    private final StringBuilder log = new StringBuilder();
    private final Map<String, Policy> policies = new LinkedHashMap<>();
    private final StringWriter err = new StringWriter();
    private @Nullable String incidents;
    private boolean guarded;
    private boolean probesFromLog;
    private boolean done;

    private Recorded() {}

    static Recorded calls() {
        return text("time,agent,target,duration_ms,ok,kind\n");
    }

    static Recorded text(String text) {
        Recorded recorded = new Recorded();
        recorded.log.append(text);
        return recorded;
    }

    /** A good call of agent a to model:m. */
    Recorded good(double second, double seconds) {
        return call("a", "model:m", second, seconds, true, "");
    }

    /** A call of agent a to model:m that failed with ERROR. */
    Recorded failed(double second, double seconds) {
        return call("a", "model:m", second, seconds, false, "");
    }

    Recorded failed(double second, double seconds, String kind) {
        return call("a", "model:m", second, seconds, false, kind);
    }

    Recorded call(String agent, String target, double second, double seconds, boolean ok, String kind) {
        log.append(String.format(
                Locale.ROOT, "%.3f,%s,%s,%.0f,%s,%s\n", second, agent, target, seconds * 1_000, ok, kind));
        return this;
    }

    Recorded line(String line) {
        log.append(line).append('\n');
        return this;
    }

    Recorded policy(String name, CircuitBreakerConfig config) {
        return policy(name, Policy.of(config));
    }

    Recorded policy(String name, Policy policy) {
        policies.put(name, policy);
        return this;
    }

    Recorded incidents(Path file) {
        incidents = file.toString();
        return this;
    }

    Recorded probesFromLog() {
        probesFromLog = true;
        return this;
    }

    Recorded guarded() {
        guarded = true;
        return this;
    }

    /** The report's first policy, as the JSON has it. */
    JsonNode by(By by) {
        return all(by).get(0);
    }

    JsonNode all(By by) {
        try {
            return new ObjectMapper().readTree(run(by, true, true));
        } catch (IOException broken) {
            throw new AssertionError("The report is no JSON", broken);
        }
    }

    String run(By by, boolean json, boolean circuits) {
        return run(by, json, circuits, new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
    }

    String run(By by, boolean json, boolean circuits, InputStream in) {
        StringWriter out = new StringWriter();
        if (policies.isEmpty()) {
            policies.put("quick", Policy.of(QUICK));
        }
        try {
            done = new Replay(policies, by)
                    .guarded(guarded)
                    .incidents(incidents)
                    .probesFromLog(probesFromLog)
                    .run("-", json, circuits, in, new PrintWriter(out), new PrintWriter(err, true));
        } catch (ReplayException failed) {
            throw new AssertionError(failed.getMessage(), failed);
        }
        return out.toString();
    }

    /** What went to the error stream. */
    String complaints() {
        return err.toString();
    }

    boolean isDone() {
        return done;
    }
}
