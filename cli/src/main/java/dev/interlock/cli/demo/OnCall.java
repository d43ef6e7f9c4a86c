package dev.interlock.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who looks after the fleet, once the pager has called: near the end of each round, everything that uses the model
 * which had trouble is stopped for some seconds, and goes on as if nothing had been. For the stage's thread.
 */
final class OnCall {
    /** When, in a round; all of its troubles are over by then. */
    private static final long STOPS = 60_000;

    private static final long LASTS = 10_000;

    private final Story story;
    private final LiveStage stage;
    private final Api operator;
    private final Narrator narrator;
    private boolean called;
    private @Nullable Runnable waiting;

    OnCall(Story story, LiveStage stage, Api operator, Narrator narrator) {
        this.story = story;
        this.stage = stage;
        this.operator = operator;
        this.narrator = narrator;
    }

    /** Begins, now. */
    void begin() {
        watch(0);
    }

    /** The pager has called. */
    void called() {
        called = true;
        Runnable next = waiting;
        waiting = null;
        if (next != null) {
            next.run();
        }
    }

    private void watch(long round) {
        String model = story.round(round).stream()
                .filter(incident -> incident.trouble() == Trouble.OVERLOADED_MODEL)
                .findFirst()
                .orElseThrow()
                .target();
        long begins = round * Story.ROUND;
        at(begins + STOPS, () -> onceCalled(() -> stop(model)));
        at(begins + Story.ROUND, () -> watch(round + 1));
    }

    /** Nobody stops anything before there was an alert; ten times as fast, one comes late in the story. */
    private void onceCalled(Runnable step) {
        if (called) {
            step.run();
        } else {
            waiting = step;
        }
    }

    private void stop(String model) {
        act("stop", model, "its answers are being looked at", narrator::stopped);
        stage.after(LASTS, () -> act("resume", model, "they are good", narrator::resumed));
    }

    private void at(long time, Runnable step) {
        stage.after(Math.max(0, time - stage.now()), step);
    }

    private void act(String action, String model, String reason, BiConsumer<String, JsonNode> then) {
        operator.send(
                        "POST",
                        "/api/v1/actions",
                        Map.of("action", action, "covers", "upstream", "pattern", model, "reason", reason))
                .whenComplete((reply, failed) -> stage.execute(() -> {
                    if (failed == null && reply.isGood()) {
                        then.accept(model, reply.body());
                    }
                }));
    }
}
