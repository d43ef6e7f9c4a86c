package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock health AGENT}: how an agent is, and was. */
@Command(
        name = "health",
        description = {"Shows the health of an agent: its score, what lowers it, and the figures behind it.", ""})
final class HealthCommand extends RemoteCommand {
    private static final int USUAL = 20;
    private static final int MOST = 1_000;
    private static final int PERCENT = 100;

    private static final Listing HISTORY = Listing.named("status")
            .column("TIME", then -> Times.toTheSecond(then.path("at").asText()))
            .coloured(
                    "HEALTH",
                    then -> Listing.text(then, "status"),
                    then -> Terminal.colourOf(then.path("status").asText()))
            .column("SCORE", then -> Listing.text(then, "score"))
            .column("CHANGE", then -> Listing.text(then, "transition").replace('_', ' '));

    @Mixin
    private ListOptions list = new ListOptions();

    @Parameters(paramLabel = "AGENT", description = "whose health")
    @SuppressWarnings("NullAway.Init")
    private String agent;

    @Option(names = "--history", description = "past health as well: the last 20 lines, the newest at the end")
    private boolean history;

    @Override
    void run(Remote remote) throws RemoteException {
        String path = "/api/v1/agents/" + Remote.encoded(agent) + "/health";
        if (history) {
            int most = list.limit(USUAL);
            JsonNode then = remote.get(path + "/history?limit=" + (most == 0 ? MOST : Math.min(most, MOST)));
            List<JsonNode> rows = new ArrayList<>();
            then.path("history").forEach(rows::add);
            if (rows.isEmpty()) {
                Known.require(remote, agent);
            }
            list.print(out(), then, EventsCommand.oldestFirst(rows), HISTORY, "It was never judged");
            return;
        }
        JsonNode now = remote.get(path);
        if (now.path("at").isNull()) {
            Known.require(remote, agent);
        }
        if (list.isForPeople()) {
            lines(now, Terminal.hasColours()).forEach(out()::println);
        } else {
            list.print(out(), now, List.of(now), HISTORY, "");
        }
    }

    /** Health for people: status and score, the figures, and what lowers the score. */
    static List<String> lines(JsonNode health, boolean colours) {
        String status = health.path("status").asText();
        String colour = colours ? Terminal.colourOf(status) : "";
        String since = Times.since(health.path("since").asText(), Instant.now());
        List<String> lines = new ArrayList<>();
        lines.add(Listing.text(health, "agent_id") + ": " + colour + status + (colour.isEmpty() ? "" : Terminal.PLAIN)
                + score(health)
                + (since.equals(Listing.NONE) ? "" : ", for " + since));
        lines.add("  5 minutes  " + figures(health.path("five_minutes")));
        lines.add("  hour       " + figures(health.path("hour")));
        if (health.path("since_opening").isObject()) {
            lines.add("  since it opened  " + figures(health.path("since_opening")));
        }
        for (JsonNode issue : health.path("issues")) {
            lines.add("  issue      " + Words.clean(issue.path("detail").asText()));
        }
        return lines;
    }

    /** Status and score; without enough calls there is no score worth a word. */
    static String inWords(JsonNode health) {
        return health.path("status").asText() + score(health);
    }

    private static String score(JsonNode health) {
        if (!health.path("status").asText().equals("unknown")) {
            return ", score " + health.path("score").asText();
        }
        return (health.path("five_minutes").path("calls").asLong() == 0
                ? ", no calls in five minutes"
                : ", too few calls in five minutes");
    }

    private static String figures(JsonNode of) {
        long calls = of.path("calls").asLong();
        if (calls == 0) {
            return "no calls";
        }
        String good = String.format(
                Locale.ROOT,
                "%,d calls, %,d failed (%.0f %% good)",
                calls,
                of.path("failures").asLong(),
                of.path("success_rate").asDouble() * PERCENT);
        return of.path("p95_ms").isNumber()
                ? good + ", p95 " + of.path("p95_ms").asText() + " ms"
                : good;
    }
}
