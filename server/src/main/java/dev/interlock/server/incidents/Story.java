package dev.interlock.server.incidents;

import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.store.TransitionRecord;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An incident and all that belongs to it, as JSON and as a post-mortem. Immutable.
 *
 * @param incident the incident with its circuits
 * @param depending the agents that depend on its root
 * @param refused how many calls were refused
 * @param timeline what happened to its circuits, by themselves and by people, the oldest first
 * @param now when this was looked up
 */
record Story(Incident incident, List<String> depending, long refused, List<TransitionRecord> timeline, Instant now) {
    private static final int NAMES = 200;

    JsonObject json() {
        JsonArray affected = new JsonArray();
        incident.affected().forEach(each -> affected.add(IncidentJson.affected(each, follows(each))));
        JsonArray lines = new JsonArray();
        timeline.forEach(each -> lines.add(new JsonObject()
                .put("at", CircuitJson.text(each.at()))
                .put("agent_id", each.name())
                .put("from", each.from())
                .put("to", each.to())
                .put("cause", each.cause())
                .put("action", each.action())
                .put("kind", each.kind())
                .put("actor", each.actor())
                .put("reason", each.reason())));
        return IncidentJson.of(incident, incident.affected().size(), open(), depending.size())
                .put("refused", refused)
                .put("affected", affected)
                .put(
                        "depending_agents",
                        new JsonArray(depending.stream().limit(NAMES).toList()))
                .put("timeline", lines);
    }

    /** A page for people, to be completed by them. */
    Buffer markdown() {
        StringBuilder page = new StringBuilder();
        page.append("# ")
                .append(text(incident.root()))
                .append(": ")
                .append(what())
                .append("\n\n");
        page.append("| | |\n|---|---|\n");
        row(page, "Incident", incident.id());
        row(page, incident.suspected() ? "Suspected root" : "Root", text(incident.root()));
        row(page, "Began", time(incident.began()));
        row(page, "Ended", ended());
        row(page, "Lasted", lasted());
        row(page, "Circuits that opened", String.valueOf(incident.affected().size()));
        row(page, "Agents that depend on the root", String.valueOf(depending.size()));
        row(page, "Calls refused", String.format(Locale.ROOT, "%,d", refused));
        page.append(
                "\n## What opened\n\n| circuit | opened (UTC) | closed | openings | why |\n|---|---|---|---:|---|\n");
        incident.affected().stream()
                .limit(NAMES)
                .forEach(each -> page.append("| ")
                        .append(text(each.name()))
                        .append(follows(each) ? " (follows)" : "")
                        .append(" | ")
                        .append(CircuitJson.text(each.openedAt()))
                        .append(" | ")
                        .append(each.closedAt() == null ? "open" : CircuitJson.text(each.closedAt()))
                        .append(" | ")
                        .append(each.openings())
                        .append(" | ")
                        .append(each.cause().replace('_', ' '))
                        .append(each.kind() == null ? "" : ", " + text(each.kind()))
                        .append(" |\n"));
        page.append("\n## Timeline (UTC)\n\n");
        timeline.forEach(each -> page.append("- ")
                .append(CircuitJson.text(each.at()))
                .append(' ')
                .append(text(each.name()))
                .append(": ")
                .append(each.from())
                .append(" → ")
                .append(each.to())
                .append(", ")
                .append(each.cause().replace('_', ' '))
                .append(each.kind() == null ? "" : " (" + text(each.kind()) + ")")
                .append(each.actor() == null ? "" : ", by " + text(each.actor()))
                .append(each.reason() == null ? "" : ": " + text(each.reason()))
                .append('\n'));
        page.append("\n## What we learned\n\n\n## What we will do\n\n");
        return Buffer.buffer(page.toString());
    }

    private String what() {
        int others = (int) incident.affected().stream().filter(this::follows).count();
        String first = incident.suspected() ? "suspected, since what depends on it failed" : "opened";
        return others == 0 ? first : first + ", and " + others + (others == 1 ? " circuit" : " circuits") + " with it";
    }

    private String ended() {
        if (incident.ended() != null) {
            return time(incident.ended());
        }
        Instant quietSince = incident.quietSince();
        return quietSince == null
                ? "goes on"
                : "all circuits closed at " + time(quietSince) + "; it ends at " + time(incident.endsAt())
                        + " if none opens again";
    }

    private String lasted() {
        Duration length =
                Duration.between(incident.began(), incident.lastedUntil(now)).truncatedTo(ChronoUnit.SECONDS);
        long minutes = length.toMinutes();
        return minutes == 0 ? length.toSeconds() + " s" : minutes + " min " + length.toSecondsPart() + " s";
    }

    private int open() {
        return (int) incident.affected().stream()
                .filter(each -> each.closedAt() == null)
                .count();
    }

    private boolean follows(Affected circuit) {
        return !circuit.name().equals(incident.root());
    }

    private static String time(@Nullable Instant at) {
        return String.valueOf(CircuitJson.text(at));
    }

    private static void row(StringBuilder page, String name, String value) {
        page.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }

    /** Names and reasons are callers' own words: none of them is a table, a heading or a link. */
    private static String text(String theirs) {
        StringBuilder safe = new StringBuilder();
        theirs.codePoints().forEach(each -> {
            if (each < ' ' || each == 127) {
                safe.append(' ');
            } else {
                if ("\\`*_{}[]<>()#|!".indexOf(each) >= 0) {
                    safe.append('\\');
                }
                safe.appendCodePoint(each);
            }
        });
        return safe.toString();
    }
}
