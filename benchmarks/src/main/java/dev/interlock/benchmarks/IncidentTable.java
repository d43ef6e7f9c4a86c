package dev.interlock.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.replay.By;
import dev.interlock.replay.Policy;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One world of incidents through all policies: a table of Markdown, and the figures by policy. */
final class IncidentTable {

    /**
     * A policy's figures.
     *
     * @param policy its name
     * @param avoided failing calls inside of incidents that were refused, a fraction
     * @param blockedInside good calls inside that were refused, a fraction
     * @param blocked good calls that were refused within an incident's own length before and after it, a fraction
     * @param openings per incident, re-openings included
     */
    record Row(String policy, double avoided, double blockedInside, double blocked, double openings) {}

    private IncidentTable() {}

    static List<Row> play(
            PrintStream out, IncidentWorld world, Map<String, Policy> policies, int incidents, long seed) {
        GeneratedLog log = new GeneratedLog(world, incidents, seed);
        By by = world.agents() == 1 ? By.AGENT : By.TARGET;
        JsonNode report = ReplayedLog.report(policies, by, log, log.incidents());
        out.printf(
                Locale.ROOT,
                "**%s**, %,d calls%n%n| policy | avoided | blocked inside | blocked outside | openings |%n|---|---:|---:|---:|---:|%n",
                world.name(),
                report.get(0).get("calls").asLong());
        List<Row> rows = new ArrayList<>();
        for (JsonNode policy : report) {
            Row row = new Row(
                    policy.get("policy").asText(),
                    policy.get("inside").get("failed_avoided_share").asDouble(),
                    policy.get("inside").get("good_blocked_share").asDouble(),
                    policy.get("outside").get("good_blocked_share").asDouble(),
                    policy.get("openings").asDouble() / policy.get("incidents").asInt());
            rows.add(row);
            out.printf(
                    Locale.ROOT,
                    "| `%s` | %.1f %% | %.1f %% | %.2f %% | %.1f |%n",
                    row.policy,
                    100 * row.avoided,
                    100 * row.blockedInside,
                    100 * row.blocked,
                    row.openings);
        }
        out.println();
        return rows;
    }
}
