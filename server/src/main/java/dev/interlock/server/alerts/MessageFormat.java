package dev.interlock.server.alerts;

import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/** How messages are written for those who receive them. Names of circuits are callers' own words: none becomes markup. */
enum MessageFormat {
    /** For programs: the form of Standard Webhooks. */
    JSON {
        @Override
        JsonObject write(Notice notice) {
            return new JsonObject()
                    .put("type", notice.type())
                    .put("timestamp", CircuitJson.text(notice.at()))
                    .put(
                            "data",
                            notice.data()
                                    .copy()
                                    .put("title", notice.title())
                                    .put("text", notice.text())
                                    .put("url", notice.link()));
        }
    },

    /** An incoming webhook of Slack: blocks, whose texts are plain. */
    SLACK {
        @Override
        JsonObject write(Notice notice) {
            JsonArray fields = new JsonArray();
            notice.facts().stream()
                    .limit(10)
                    .forEach(fact -> fields.add(plain(fact.name() + "\n" + cut(fact.value(), 1_900))));
            JsonArray blocks = new JsonArray()
                    .add(new JsonObject().put("type", "section").put("text", plain(cut(notice.title(), 2_900))));
            if (!fields.isEmpty()) {
                blocks.add(new JsonObject().put("type", "section").put("fields", fields));
            }
            if (notice.link() != null) {
                blocks.add(new JsonObject()
                        .put("type", "section")
                        .put(
                                "text",
                                new JsonObject()
                                        .put("type", "mrkdwn")
                                        .put("text", "<" + notice.link() + "|Open in Interlock>")));
            }
            return new JsonObject().put("text", escaped(notice.title())).put("blocks", blocks);
        }

        private JsonObject plain(String text) {
            return new JsonObject().put("type", "plain_text").put("text", text).put("emoji", false);
        }

        private String escaped(String text) {
            return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        }
    },

    /** An event of PagerDuty, version 2; its key is added when it is sent. */
    PAGERDUTY {
        @Override
        JsonObject write(Notice notice) {
            JsonObject details = new JsonObject();
            notice.facts().forEach(fact -> details.put(fact.name(), fact.value()));
            JsonObject event = new JsonObject()
                    .put("event_action", notice.tone() == Notice.Tone.GOOD ? "resolve" : "trigger")
                    .put("dedup_key", key(notice.thread()))
                    .put("client", "Interlock")
                    .put(
                            "payload",
                            new JsonObject()
                                    .put("summary", cut(notice.title(), 1_000))
                                    .put("source", "Interlock")
                                    .put("severity", notice.tone() == Notice.Tone.BAD ? "critical" : "info")
                                    .put("timestamp", CircuitJson.text(notice.at()))
                                    .put("component", notice.component())
                                    .put("class", notice.type())
                                    .put("custom_details", details));
            if (notice.link() != null) {
                event.put("client_url", notice.link())
                        .put(
                                "links",
                                new JsonArray()
                                        .add(new JsonObject()
                                                .put("href", notice.link())
                                                .put("text", "Open in Interlock")));
            }
            return event;
        }

        /** At most 255 characters; of two long ones that begin alike, two keys. */
        private String key(String thread) {
            if (thread.length() <= LONGEST_KEY) {
                return thread;
            }
            CRC32 rest = new CRC32();
            rest.update(thread.getBytes(StandardCharsets.UTF_8));
            return thread.substring(0, LONGEST_KEY - 20) + "-" + Long.toHexString(rest.getValue());
        }
    },

    /** A card in a channel of Teams, by a workflow: texts without markup. */
    TEAMS {
        @Override
        JsonObject write(Notice notice) {
            JsonArray body = new JsonArray()
                    .add(new JsonObject()
                            .put("type", "RichTextBlock")
                            .put(
                                    "inlines",
                                    new JsonArray().add(run(notice.title()).put("weight", "Bolder"))));
            notice.facts()
                    .forEach(fact -> body.add(new JsonObject()
                            .put("type", "RichTextBlock")
                            .put("spacing", "Small")
                            .put(
                                    "inlines",
                                    new JsonArray()
                                            .add(run(fact.name() + ": ").put("isSubtle", true))
                                            .add(run(fact.value())))));
            JsonObject card = new JsonObject()
                    .put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                    .put("type", "AdaptiveCard")
                    .put("version", "1.4")
                    .put("body", body);
            if (notice.link() != null) {
                card.put(
                        "actions",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("type", "Action.OpenUrl")
                                        .put("title", "Open in Interlock")
                                        .put("url", notice.link())));
            }
            return new JsonObject()
                    .put("type", "message")
                    .put(
                            "attachments",
                            new JsonArray()
                                    .add(new JsonObject()
                                            .put("contentType", "application/vnd.microsoft.card.adaptive")
                                            .put("content", card)));
        }

        private JsonObject run(String text) {
            return new JsonObject().put("type", "TextRun").put("text", text);
        }
    };

    private static final int LONGEST_KEY = 255;

    abstract JsonObject write(Notice notice);

    /** The format of a name, as requests and the database write it; JSON for one that a newer version knows. */
    static MessageFormat of(String name) {
        for (MessageFormat each : values()) {
            if (each.name().equalsIgnoreCase(name)) {
                return each;
            }
        }
        return JSON;
    }

    /** Its name as requests write it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }
}
