package dev.interlock.server.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.alerts.Notice.Fact;
import dev.interlock.server.alerts.Notice.Tone;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Messages as each service wants them; a name that looks like markup is shown as it is. */
class MessageFormatTest {
    private static final String HOSTILE = "<!channel> *b* [x](https://evil.example) & co";
    private static final String LINK = "https://interlock.example.com/#/incidents/i";

    @Test
    void json_is_the_form_of_standard_webhooks() {
        JsonObject body = MessageFormat.JSON.write(notice(HOSTILE, Tone.BAD, LINK));
        assertThat(body.fieldNames()).containsExactly("type", "timestamp", "data");
        assertThat(body.getString("timestamp")).isEqualTo("2027-01-31T03:00:00Z");
        JsonObject data = body.getJsonObject("data");
        assertThat(data.getString("title")).isEqualTo(HOSTILE);
        assertThat(data.getString("text")).isEqualTo(HOSTILE + ". Why: " + HOSTILE + "; Refused: 3 calls.");
        assertThat(data.getString("url")).isEqualTo(LINK);
        assertThat(data.getString("organization_id")).isEqualTo("acme");
    }

    @Test
    void slack_gets_plain_texts_and_one_link() {
        JsonObject body = MessageFormat.SLACK.write(notice(HOSTILE, Tone.BAD, LINK));
        assertThat(body.getString("text")).isEqualTo("&lt;!channel&gt; *b* [x](https://evil.example) &amp; co");
        List<JsonObject> blocks =
                body.getJsonArray("blocks").stream().map(JsonObject.class::cast).toList();
        assertThat(blocks.get(0).getJsonObject("text"))
                .isEqualTo(new JsonObject()
                        .put("type", "plain_text")
                        .put("text", HOSTILE)
                        .put("emoji", false));
        assertThat(blocks.get(1).getJsonArray("fields").getJsonObject(0).getString("type"))
                .isEqualTo("plain_text");
        assertThat(blocks.get(2).getJsonObject("text").getString("text")).isEqualTo("<" + LINK + "|Open in Interlock>");
        assertThat(MessageFormat.SLACK.write(notice("x", Tone.BAD, null)).getJsonArray("blocks"))
                .hasSize(2);
    }

    @Test
    void pagerduty_is_triggered_and_resolved_by_one_key() {
        JsonObject bad = MessageFormat.PAGERDUTY.write(notice("x".repeat(2_000), Tone.BAD, LINK));
        JsonObject good = MessageFormat.PAGERDUTY.write(notice("over", Tone.GOOD, LINK));
        assertThat(bad.getString("event_action")).isEqualTo("trigger");
        assertThat(good.getString("event_action")).isEqualTo("resolve");
        assertThat(bad.getString("dedup_key"))
                .isEqualTo(good.getString("dedup_key"))
                .hasSizeLessThanOrEqualTo(255);
        JsonObject payload = bad.getJsonObject("payload");
        assertThat(payload.getString("summary")).hasSizeLessThanOrEqualTo(1_024);
        assertThat(payload.getString("severity")).isEqualTo("critical");
        assertThat(bad.encode()).doesNotContain("routing_key");
        assertThat(bad.getJsonArray("links").getJsonObject(0).getString("href")).isEqualTo(LINK);
    }

    @Test
    void keys_of_two_long_names_differ() {
        assertThat(key("a".repeat(300) + "1")).hasSizeLessThanOrEqualTo(255).isNotEqualTo(key("a".repeat(300) + "2"));
    }

    @Test
    void teams_gets_a_card_without_markup() {
        JsonObject body = MessageFormat.TEAMS.write(notice(HOSTILE, Tone.BAD, LINK));
        JsonObject card = body.getJsonArray("attachments").getJsonObject(0).getJsonObject("content");
        assertThat(card.getString("type")).isEqualTo("AdaptiveCard");
        assertThat(card.encode()).doesNotContain("\"TextBlock\"", "FactSet").contains("RichTextBlock");
        assertThat(card.getJsonArray("actions").getJsonObject(0).getString("url"))
                .isEqualTo(LINK);
    }

    @Test
    void a_format_of_a_newer_version_is_written_as_json() {
        assertThat(MessageFormat.of("discord")).isEqualTo(MessageFormat.JSON);
        assertThat(MessageFormat.of("slack")).isEqualTo(MessageFormat.SLACK);
    }

    private static String key(String thread) {
        Notice notice = notice("x", Tone.BAD, null);
        return MessageFormat.PAGERDUTY
                .write(new Notice(
                        notice.type(), notice.at(), notice.tone(), thread, "x", "x", List.of(), null, notice.data()))
                .getString("dedup_key");
    }

    private static Notice notice(String title, Tone tone, @Nullable String link) {
        return new Notice(
                "incident.began",
                Instant.parse("2027-01-31T03:00:00Z"),
                tone,
                "interlock/acme/incident/i",
                "model:x",
                title,
                List.of(new Fact("Why", HOSTILE), new Fact("Refused", "3 calls")),
                link,
                new JsonObject().put("organization_id", "acme"));
    }
}
