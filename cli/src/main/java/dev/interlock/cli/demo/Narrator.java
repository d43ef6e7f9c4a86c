package dev.interlock.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.CircuitState;
import dev.interlock.TransitionCause;
import dev.interlock.cli.demo.Line.Tone;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes a story of what happens, one line an event. For the stage's thread. */
final class Narrator {
    /** Wrong now, on Fleet, has only incidents of which something is not closed. */
    private static final String QUIET_LOOK = "Incidents";

    private final Cast cast;
    private final Stage stage;
    private final Tally tally;
    private final Consumer<Line> lines;
    private final Map<String, Long> openSince = new HashMap<>();
    private final Set<String> fallbacksSaid = new HashSet<>();
    private final Set<Tone> seen = EnumSet.noneOf(Tone.class);
    private final Set<String> incidentsSaid = new HashSet<>();
    private final Set<String> quietSaid = new HashSet<>();

    /**
     * A narrator.
     *
     * @param cast who is in the story
     * @param stage gives the time
     * @param tally knows how many calls were refused
     * @param lines takes the story
     */
    Narrator(Cast cast, Stage stage, Tally tally, Consumer<Line> lines) {
        this.cast = cast;
        this.stage = stage;
        this.tally = tally;
        this.lines = lines;
    }

    void began(Incident incident) {
        say(Tone.TROUBLE, incident.target() + " " + incident.trouble().beginning());
    }

    void ended(Incident incident) {
        say(Tone.OVER, incident.target() + " " + incident.trouble().ending());
    }

    /** The first fallback of each opening is said, the others are counted. */
    void fellBack(Member agent, String from, @Nullable String to) {
        if (!fallbacksSaid.add(from)) {
            return;
        }
        if (to == null) {
            say(Tone.FALLBACK, agent.name() + " does without " + from + others(from));
        } else {
            say(Tone.FALLBACK, agent.name() + " uses " + to + " instead of " + from + others(from));
        }
    }

    void changed(Change change) {
        if (change.cause() == TransitionCause.OVERRIDE) {
            overridden(change);
        } else if (change.to() == CircuitState.OPEN) {
            opened(change);
        } else if (change.to() == CircuitState.HALF_OPEN) {
            say(Tone.HALF_OPEN, change.circuit() + ": one call is let through as a trial");
        } else {
            closed(change);
        }
    }

    /**
     * The health of an agent, or of what agents use, changed.
     *
     * @param agent whose
     * @param from its health before
     * @param to its health now
     * @param score from 0 to 100
     */
    void healthChanged(String agent, String from, String to, int score) {
        say(Tone.HEALTH, agent + ": " + from + " to " + to + ", score " + score);
    }

    /**
     * An incident began or changed.
     *
     * @param incident as the server has it
     */
    void incident(JsonNode incident) {
        String id = incident.path("id").asText();
        String root = incident.path("root").asText();
        if (incident.path("merged_into").isTextual()
                || !incident.path("state").asText().equals("live")) {
            return;
        }
        if (incidentsSaid.add(id)) {
            int depending = incident.path("depending").asInt();
            say(
                    Tone.INCIDENT,
                    root + " is the cause"
                            + (depending == 0
                                    ? ", and nobody depends on it"
                                    : ": " + plural(depending, "agent depends", "agents depend") + " on it"));
        }
        if (!incident.path("quiet_since").isTextual()) {
            quietSaid.remove(id);
        } else if (quietSaid.add(id)) {
            say(Tone.INCIDENT, root + ": all has closed; the incident ends if that lasts five minutes", QUIET_LOOK);
        }
    }

    /** The pager has heard something. */
    void alerted(JsonNode message) {
        say(Tone.ALERT, message.path("data").path("title").asText());
    }

    /** A stop of everything that uses an upstream was acknowledged. */
    void stopped(String upstream, JsonNode done) {
        tally.takeRefused(upstream);
        tally.takeAnswered(upstream);
        fallbacksSaid.remove(upstream);
        say(
                Tone.STOP,
                "calls that use " + upstream + " are refused, by "
                        + actor(done.path("gate").path("author").textValue()) + ", who says: "
                        + done.path("gate").path("reason").asText());
    }

    /** A stop was taken away. */
    void resumed(String upstream, JsonNode done) {
        int refused = tally.takeRefused(upstream);
        tally.takeAnswered(upstream);
        fallbacksSaid.remove(upstream);
        say(Tone.RESUME, upstream + " is called again; " + plural(refused, "call was refused", "calls were refused"));
    }

    private void opened(Change change) {
        openSince.putIfAbsent(change.circuit(), stage.now());
        boolean again = change.from() == CircuitState.HALF_OPEN;
        say(
                Tone.OPEN,
                change.circuit() + ": " + why(change) + "; " + who(change.circuit()) + " refused for "
                        + (again ? "another " : "") + seconds(change.waitMillis()));
    }

    private void closed(Change change) {
        Long since = openSince.remove(change.circuit());
        fallbacksSaid.remove(change.circuit());
        int refused = tally.takeRefused(change.circuit());
        int answered = tally.takeAnswered(change.circuit());
        String age = since == null ? "" : " after " + seconds(stage.now() - since);
        String spared = refused == 0
                ? ""
                : "; " + plural(refused, "call was refused", "calls were refused")
                        + (answered == 0
                                ? ""
                                : ", " + (answered == refused ? "all" : answered) + " of them done in another way");
        say(Tone.CLOSED, change.circuit() + ": healthy again" + age + spared);
    }

    private void overridden(Change change) {
        if (change.to() == CircuitState.OPEN) {
            openSince.putIfAbsent(change.circuit(), stage.now());
        } else {
            openSince.remove(change.circuit());
            fallbacksSaid.remove(change.circuit());
        }
        String state = change.to().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String actor = actor(change.actor());
        say(
                Tone.ACTION,
                change.circuit() + ": " + (change.held() ? "held " : "") + state + " by " + actor
                        + (change.reason() == null ? "" : ", who says: " + change.reason()));
    }

    private static String actor(@Nullable String actor) {
        return actor == null ? "somebody" : actor.replaceFirst(" \\((key|token of) .*\\)$", "");
    }

    /** Nobody asks before the calls of an agent that only logs. */
    private String who(String circuit) {
        return cast.agents(true).contains(circuit) ? "its callers are" : "calls are";
    }

    private static String why(Change change) {
        Change.Figures figures = change.figures();
        String kind = change.kind() == null ? "" : " (" + change.kind() + ")";
        return switch (change.cause()) {
            case FAILURE_STREAK -> plural(figures.streak(), "failure", "failures") + " in a row" + kind;
            case FAILURE_RATE -> figures.failures() + " of the last " + figures.calls() + " calls failed" + kind;
            case SLOW_CALL_RATE -> figures.slow() + " of the last " + figures.calls() + " calls were slow";
            case FAILURE_KIND -> "one " + change.kind() + " is enough";
            case CALLER_ALONE -> "its calls fail while others are answered" + kind;
            case PROBES_FAILED -> "a call failed, and its probes as well";
            case TRIAL_FAILED -> change.kind() == null ? "the trial was slow" : "the trial failed" + kind;
            case HEALTH -> "its health is critical";
            default -> change.cause().words();
        };
    }

    private String others(String from) {
        long users = cast.members().stream()
                .filter(member -> !member.watched())
                .filter(member -> member.model().equals(from)
                        || member.key().equals(from)
                        || member.tools().contains(from))
                .count();
        return users < 2 ? "" : ", like all " + users + " agents that ask before they use it";
    }

    private static String seconds(long millis) {
        return Math.max(1, Math.round(millis / 1_000.0)) + " s";
    }

    private static String plural(int count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }

    /** Each line says what to look at; the first of its tone in a sentence. */
    private void say(Tone tone, String text) {
        say(tone, text, seen.add(tone) ? tone.look() : tone.glance());
    }

    private void say(Tone tone, String text, String look) {
        lines.accept(new Line(stage.now(), tone, text + " (look: " + look + ")"));
    }
}
