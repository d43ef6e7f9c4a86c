package dev.interlock.redis.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Several processes that count and try one circuit together on a real Redis; a test says what each of them reports. */
final class Processes implements AutoCloseable {
    /** No rule but a rate of a half of at least ten calls. */
    static final TallyRules LAST_TWENTY = new TallyRules(0, 0.5, 2, 10, null, 20);

    final RedisServer redis = RedisServer.start();
    private volatile String name = "planner";
    private final String prefix = "test-" + UUID.randomUUID();
    private final RedisCircuitStore store = RedisCircuitStore.open(
            RedisSettings.of(redis.url()).withPrefix(prefix).withSlowAfter(Duration.ofSeconds(1)));

    /**
     * Takes steps within 200 ms, after which a process that has not reported is not waited for; on a machine that is too
     * busy for that once more, on another circuit.
     */
    void inTime(Runnable steps) {
        while (true) {
            name = "planner-" + UUID.randomUUID();
            long before = now();
            AssertionError failed = null;
            try {
                steps.run();
            } catch (AssertionError thrown) {
                failed = thrown;
            }
            if (now() - before < 190_000) {
                if (failed != null) {
                    throw failed;
                }
                return;
            }
        }
    }

    /** Goes on with another circuit. */
    void next() {
        name = "planner-" + UUID.randomUUID();
    }

    TallyAnswer tally(String process, int calls, int failures, TallyRules rules) {
        return tally(process, calls, failures, CallerSlots.NONE, Duration.ZERO, rules);
    }

    TallyAnswer tally(
            String process, int calls, int failures, CallerSlots callers, Duration longestWait, TallyRules rules) {
        return get(store.coordination()
                .tally(new CircuitTally(
                        "default",
                        name,
                        CircuitChange.CLOSED_AND_CLEAN,
                        process,
                        calls,
                        failures,
                        0,
                        0,
                        failures,
                        callers,
                        longestWait,
                        rules)));
    }

    /** As a process of the release before 0.1 did. */
    List<String> tallyBefore(int calls, int failures, TallyRules rules) {
        Duration window = rules.window();
        return before(
                "tally",
                "-1",
                Integer.toString(calls),
                Integer.toString(failures),
                "0",
                "0",
                Integer.toString(failures),
                Integer.toString(rules.failureThreshold()),
                Double.toString(rules.failureRate()),
                Double.toString(rules.slowCallRate()),
                Integer.toString(rules.minimum()),
                Long.toString(window == null ? 0 : window.toNanos() / 1_000),
                Integer.toString(rules.windowCalls()));
    }

    /** Opens the circuit as of a moment. */
    void open(Instant since, Instant cooldownUntil) {
        CircuitRecord record = new CircuitRecord(
                "default",
                name,
                "open",
                1L << 32,
                1,
                0,
                1,
                1,
                0,
                since,
                since,
                since,
                cooldownUntil,
                false,
                null,
                null,
                null,
                "default",
                7);
        if (!store.write(List.of(CircuitChange.of(record))).isEmpty()) {
            throw new AssertionError("Another record is stored");
        }
    }

    TrialAnswer ask(String trial, Duration left) {
        return get(store.coordination().askForTrial(new TrialAsk("default", name, trial, 1, 1, 1, left)));
    }

    /** As a process of the release before 0.1 did. */
    List<String> askBefore(String trial) {
        return before("ask", trial, "1", "1", "1", "5000000", "500000");
    }

    /** As a process of the release before 0.1 did. */
    long endBefore(String round, String trial, boolean succeeded) {
        return redis.run(commands -> commands.<Long>eval(
                text("end"), ScriptOutputType.INTEGER, keys(), round, trial, succeeded ? "1" : "0", "1", "0"));
    }

    boolean end(TrialAnswer given, int failedCaller) {
        return get(store.coordination()
                .endTrial(Objects.requireNonNull(given.given()), new TrialEnd(failedCaller < 0, 1, failedCaller)));
    }

    /** Asks for the place of a trial for a call within it. */
    TrialLoan borrow(GivenTrial around, String name, Duration left) {
        return get(store.coordination().borrowTrial(around, name, left));
    }

    boolean giveBack(GivenTrial borrowed, GivenTrial around) {
        return get(store.coordination().returnTrial(borrowed, around));
    }

    TrialHold renew(GivenTrial trial) {
        return get(store.coordination().renewTrial(trial));
    }

    /** As a process did that knew of no loans. */
    String renewBefore(GivenTrial trial) {
        return redis.run(commands -> commands.<String>eval(
                text("renew"), ScriptOutputType.VALUE, keys(), trial.round(), trial.trial(), "5000000"));
    }

    /** Ends a trial that another process was given. */
    boolean endOfAnother(GivenTrial trial, boolean succeeded) {
        return get(store.coordination().endTrialOfAnother(trial, TrialEnd.of(succeeded, 1)));
    }

    boolean end(GivenTrial trial, boolean succeeded) {
        return get(store.coordination().endTrial(trial, TrialEnd.of(succeeded, 1)));
    }

    /** Time goes on for a trial whose process renews it no more. */
    void lapse(String trial) {
        set("t:" + trial, Long.toString(now() - 1));
    }

    /** What Redis keeps of the circuit in addition to its record. */
    Map<String, String> live() {
        return redis.run(commands -> commands.hgetall(key("live")));
    }

    void set(String field, String value) {
        redis.run(commands -> commands.hset(key("live"), field, value));
    }

    /** Redis' clock, in microseconds. */
    long now() {
        List<String> time = redis.run(commands -> commands.time());
        return 1_000_000 * Long.parseLong(time.get(0)) + Long.parseLong(time.get(1));
    }

    /** Waits until Redis' clock has gone on. */
    void pass(Duration time) {
        long until = now() + time.toMillis() * 1_000;
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> now() >= until);
    }

    @Override
    public void close() {
        store.close();
        redis.close();
    }

    private List<String> before(String script, String... arguments) {
        return redis.run(
                commands -> commands.<List<String>>eval(text(script), ScriptOutputType.MULTI, keys(), arguments));
    }

    private String[] keys() {
        return new String[] {key("record"), key("live")};
    }

    private String key(String kind) {
        return prefix + ":{default/" + name + "}:" + kind;
    }

    private static String text(String script) {
        try (@Nullable InputStream file = Processes.class.getResourceAsStream(script + "-before-0.1.lua")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }
}
