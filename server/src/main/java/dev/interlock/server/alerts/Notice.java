package dev.interlock.server.alerts;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a message says, before a format writes it. Not to be changed once made.
 *
 * @param type what happened, such as {@code incident.began}
 * @param at when
 * @param tone how bad it is
 * @param thread what it is about, by a name that the messages of one trouble have in common
 * @param component the circuit that it is about most
 * @param title one line for people
 * @param facts more for people
 * @param link where the dashboard shows it; null if nobody knows the dashboard's address
 * @param data all of it for programs
 */
record Notice(
        String type,
        Instant at,
        Tone tone,
        String thread,
        String component,
        String title,
        List<Fact> facts,
        @Nullable String link,
        JsonObject data) {

    /** How bad it is. */
    enum Tone {
        /** Something is wrong. */
        BAD,
        /** Somebody should know. */
        NOTE,
        /** What was wrong is over. */
        GOOD
    }

    /**
     * Something that people want to know.
     *
     * @param name in a word or two
     * @param value as it is shown
     */
    record Fact(String name, String value) {}

    /** All of it in one line. */
    String text() {
        StringBuilder text = new StringBuilder(title);
        facts.forEach(fact -> text.append(text.length() == title.length() ? ". " : "; ")
                .append(fact.name())
                .append(": ")
                .append(fact.value()));
        return text.append('.').toString();
    }
}
