package dev.interlock.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.replay.By;
import dev.interlock.replay.Policy;
import dev.interlock.replay.ProbeAnswers;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
     * @param probes per incident
     */
    record Row(String policy, double avoided, double blockedInside, double blocked, double openings, double probes) {}

    private IncidentTable() {}

    /** Policies without probes. */
    static List<Row> play(
            PrintStream out, IncidentWorld world, Map<String, Policy> policies, int incidents, long seed) {
        GeneratedLog log = new GeneratedLog(world, incidents, seed);
        JsonNode report = ReplayedLog.report(policies, by(world), log, log.incidents(), null, false);
        out.printf(
                Locale.ROOT,
                "**%s**, %,d calls%n%n| policy | avoided | blocked inside | blocked outside | openings |%n|---|---:|---:|---:|---:|%n",
                world.name(),
                report.get(0).get("calls").asLong());
        List<Row> rows = new ArrayList<>();
        for (JsonNode policy : report) {
            Row row = row(policy);
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

    /** One policy whose probes have that fault, or with null are answered by the log. */
    static Row probed(
            IncidentWorld world,
            String name,
            Policy policy,
            IncidentProbes.@Nullable Fault fault,
            int incidents,
            long seed) {
        GeneratedLog log = new GeneratedLog(world, incidents, seed);
        ProbeAnswers answers = fault == null ? null : new IncidentProbes(world, log, fault, seed);
        return row(ReplayedLog.report(Map.of(name, policy), by(world), log, log.incidents(), answers, fault == null)
                .get(0));
    }

    private static By by(IncidentWorld world) {
        return world.agents() == 1 ? By.AGENT : By.TARGET;
    }

    private static Row row(JsonNode policy) {
        int incidents = policy.get("incidents").asInt();
        return new Row(
                policy.get("policy").asText(),
                policy.get("inside").get("failed_avoided_share").asDouble(),
                policy.get("inside").get("good_blocked_share").asDouble(),
                policy.get("outside").get("good_blocked_share").asDouble(),
                policy.get("openings").asDouble() / incidents,
                policy.path("probes").asDouble() / incidents);
    }
}
