package dev.interlock.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.replay.By;
import dev.interlock.replay.Policy;
import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/** Twenty agents call one model with three keys in turn, of which one is used up for an hour of three. */
final class KeyFigures {
    private static final int AGENTS = 20;
    private static final int KEYS = 3;
    private static final double HOUR = 3_600;
    private static final double BACKGROUND = 0.018;

    /** When an agent calls next, in seconds. */
    private record Turn(double at, int agent) {}

    private KeyFigures() {}

    static void play(PrintStream out, Map<String, Policy> policies, long seed) {
        out.println(
                "**One key of three used up for an hour of three**, 20 agents, keys in turn. Of the whole log: avoided"
                        + " / good calls blocked; in brackets good calls blocked in that hour.");
        out.println();
        out.println("| policy | the model's circuit | a circuit a key |");
        out.println("|---|---|---|");
        JsonNode model = report(policies, "model:m", seed);
        JsonNode keys = report(policies, "", seed);
        for (int i = 0; i < model.size(); i++) {
            out.printf(
                    Locale.ROOT,
                    "| `%s` | %s | %s |%n",
                    model.get(i).get("policy").asText(),
                    cell(model.get(i)),
                    cell(keys.get(i)));
        }
        out.println();
    }

    private static String cell(JsonNode policy) {
        return String.format(
                Locale.ROOT,
                "%.1f %% / %.2f %% (%.1f %%)",
                100 * policy.get("failed_avoided_share").asDouble(),
                100 * policy.get("good_blocked_share").asDouble(),
                100 * policy.get("inside").get("good_blocked_share").asDouble());
    }

    /** All calls to one target, or where none is given each to its key. */
    private static JsonNode report(Map<String, Policy> policies, String target, long seed) {
        Random random = new Random(seed);
        Quantiles gaps = Quantiles.gaps();
        Quantiles durations = Quantiles.durations();
        StringBuilder log = new StringBuilder("time,agent,target,duration_ms,ok,kind\n");
        PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingDouble(Turn::at));
        for (int agent = 0; agent < AGENTS; agent++) {
            turns.add(new Turn(gaps.at(random.nextDouble()), agent));
        }
        for (int call = 0; !turns.isEmpty(); call++) {
            Turn turn = turns.remove();
            int key = call % KEYS;
            boolean isUsedUp = key == 0 && turn.at >= HOUR && turn.at < 2 * HOUR;
            boolean failed = random.nextDouble() < BACKGROUND || isUsedUp;
            log.append(String.format(
                    Locale.ROOT,
                    "%.3f,a%d,%s,%.0f,%s%n",
                    turn.at,
                    turn.agent,
                    target.isEmpty() ? "key:" + key : target,
                    1_000 * durations.at(random.nextDouble()),
                    isUsedUp ? "false,QUOTA_EXHAUSTED" : failed ? "false,SERVER_ERROR" : "true,"));
            double next = turn.at + gaps.at(random.nextDouble());
            if (next < 3 * HOUR) {
                turns.add(new Turn(next, turn.agent));
            }
        }
        return ReplayedLog.report(
                policies,
                By.TARGET,
                new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)),
                "start,end\n3600,7200\n",
                null,
                false);
    }
}
