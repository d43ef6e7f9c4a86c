package dev.interlock.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Somebody who looks after the fleet: near the end of each round, everything that uses the model which had trouble is
 * stopped for some seconds, and goes on as if nothing had been. For the stage's thread.
 */
final class OnCall {
    /** When, in a round; all of its troubles are over by then. */
    private static final long STOPS = 60_000;

    private static final long LASTS = 10_000;

    private final Story story;
    private final LiveStage stage;
    private final Api operator;
    private final Narrator narrator;

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

    private void watch(long round) {
        String model = story.round(round).stream()
                .filter(incident -> incident.trouble() == Trouble.OVERLOADED_MODEL)
                .findFirst()
                .orElseThrow()
                .target();
        long begins = round * Story.ROUND;
        at(begins + STOPS, () -> act("stop", model, "its answers are being looked at", narrator::stopped));
        at(begins + STOPS + LASTS, () -> act("resume", model, "they are good", narrator::resumed));
        at(begins + Story.ROUND, () -> watch(round + 1));
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
