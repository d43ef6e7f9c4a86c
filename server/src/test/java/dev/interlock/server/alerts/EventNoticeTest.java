package dev.interlock.server.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookMessage;
import dev.interlock.server.alerts.Notice.Tone;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What messages say of budgets, loops, health and stops, and which of them one alert of PagerDuty is. */
class EventNoticeTest {
    private static final Instant NOW = Instant.parse("2027-01-31T03:00:00Z");
    private static final Webhook WEBHOOK = new Webhook(
            "acme", "wh", "On call", "https://alerts.example.com/", null, Set.of("health"), "*", "json", true, NOW);
    private static final Links LINKS = new Links("https://interlock.example.com");

    private static Notice notice(String kind, int count, long left, JsonObject... events) {
        List<String> lines = List.of(events).stream().map(JsonObject::encode).toList();
        return EventNotice.of(
                new WebhookMessage(3, "msg_1", WEBHOOK, kind, "", null, count, lines, NOW, 0, null), left, LINKS);
    }

    private static JsonObject agent(String name) {
        return new JsonObject()
                .put("agent_id", name)
                .put("at", "2027-01-31T03:00:00Z")
                .put("score", 25)
                .put("issues", List.of("7 failures in a row", "0 % of calls succeed"));
    }

    private static JsonObject budget(String agent) {
        return new JsonObject()
                .put("budget_id", "research")
                .put("agent_id", agent)
                .put("used", "100 of 100 tokens used in a day")
                .put("stops", true)
                .put("until", "2027-02-01T00:00:00Z");
    }

    private static JsonObject stop(String covers, String pattern) {
        return new JsonObject()
                .put("id", "stop")
                .put("covers", covers)
                .put("pattern", pattern)
                .put("actor", "ann")
                .put("reason", "too dear")
                .put("until", "2027-01-31T04:00:00Z");
    }

    @Test
    void one_agent_that_is_critical_is_named_with_why_and_a_link() {
        Notice notice = notice("health.critical", 1, 3, agent("planner"));
        assertThat(notice.text())
                .isEqualTo(
                        "planner is critical. Why: 7 failures in a row; 0 % of calls succeed; Critical now: 3 agents.");
        assertThat(notice.tone()).isEqualTo(Tone.BAD);
        assertThat(notice.link()).isEqualTo("https://interlock.example.com/#/agents/planner");
        assertThat(notice.data().getInteger("count")).isEqualTo(1);
        assertThat(notice.data().getLong("critical")).isEqualTo(3);
        assertThat(notice.data().getJsonArray("events").getJsonObject(0)).isEqualTo(agent("planner"));
    }

    @Test
    void of_thousands_the_first_ten_are_named() {
        JsonObject[] first =
                IntStream.range(0, 20).mapToObj(i -> agent("agent-" + i)).toArray(JsonObject[]::new);
        Notice notice = notice("health.critical", 10_000, 10_000, first);
        assertThat(notice.title()).isEqualTo("10,000 agents are critical");
        assertThat(notice.text())
                .contains("Agents: agent-0, agent-1, ", "agent-9 and 9,990 more; Critical now: 10,000 agents");
    }

    @Test
    void health_is_one_alert_that_is_over_when_no_agent_is_critical_any_more() {
        Notice critical = notice("health.critical", 1, 1, agent("planner"));
        Notice some = notice("health.recovered", 1, 1, agent("planner"));
        Notice all = notice("health.recovered", 2, 0, agent("planner"), agent("writer"));
        assertThat(List.of(some.thread(), all.thread())).containsOnly(critical.thread());
        assertThat(MessageFormat.PAGERDUTY.write(some).getString("event_action"))
                .isEqualTo("trigger");
        assertThat(MessageFormat.PAGERDUTY.write(all).getString("event_action")).isEqualTo("resolve");
        assertThat(all.text()).isEqualTo("2 agents have recovered. Agents: planner, writer; Critical now: 0 agents.");
    }

    @Test
    void a_budget_says_what_was_used_and_until_when_calls_are_refused() {
        Notice nearly = notice("budget.nearly_used", 1, 0, budget("research-1"));
        assertThat(nearly.text())
                .isEqualTo("The budget research is nearly used. Agent: research-1; Used: 100 of 100 tokens used in a"
                        + " day.");
        assertThat(nearly.tone()).isEqualTo(Tone.NOTE);
        Notice usedUp = notice("budget.used_up", 1, 0, budget(null));
        assertThat(usedUp.text())
                .isEqualTo("The budget research is used up. Used: 100 of 100 tokens used in a day; Calls: are refused"
                        + " until 2027-02-01T00:00:00Z.");
        assertThat(usedUp.tone()).isEqualTo(Tone.BAD);
        assertThat(notice("budget.used_up", 1, 0, budget(null).put("stops", false))
                        .text())
                .endsWith("Calls: go on.");
        assertThat(notice("budget.used_up", 40, 0, budget("a"), budget("b")).text())
                .startsWith("The budget research is used up by 40 agents. Agents: a, b and 38 more;");
        JsonObject raise = new JsonObject()
                .put("budget_id", "research")
                .putNull("agent_id")
                .put("tokens", 500_000)
                .put("cost_usd", 2.5)
                .putNull("calls")
                .put("actor", "ann")
                .put("reason", "the report")
                .put("until", "2027-02-01T00:00:00Z");
        Notice raised = notice("budget.raised", 1, 0, raise);
        assertThat(raised.text())
                .isEqualTo("The budget research was raised. By how much: 500,000 tokens, $2.5; By: ann; Reason: the"
                        + " report; Until: 2027-02-01T00:00:00Z.");
        assertThat(raised.tone()).isEqualTo(Tone.GOOD);
        assertThat(raised.thread()).isEqualTo(usedUp.thread());
    }

    @Test
    void a_loop_names_its_execution_and_what_becomes_of_further_calls() {
        JsonObject loop = new JsonObject()
                .put("agent_id", "planner")
                .put("execution", "run-7")
                .put("tool", "search")
                .put("repeats", 3)
                .put("refused_until", "2027-01-31T04:00:00Z");
        Notice notice = notice("loop.found", 1, 0, loop);
        assertThat(notice.text())
                .isEqualTo(
                        "planner is in a loop. Loop: the same call of search came to the same end 3 times; Execution:"
                                + " run-7; Further calls: of this execution are refused until 2027-01-31T04:00:00Z or its"
                                + " end.");
        assertThat(notice("loop.found", 1, 0, loop.copy().putNull("execution").putNull("refused_until"))
                        .text())
                .endsWith("Further calls: go on.")
                .doesNotContain("Execution");
        assertThat(notice("loop.found", 50, 0, loop, loop).title()).isEqualTo("50 executions are in a loop");
        assertThat(notice("loop.found", 50, 0, loop, loop).text()).contains("Agents: planner and 48 more");
    }

    @Test
    void a_stop_says_what_by_whom_and_why_and_is_over_when_nothing_is_stopped() {
        Notice began = notice("stop.began", 1, 1, stop("upstream", "model:kimi-*"));
        assertThat(began.text())
                .isEqualTo("Stopped: everything behind model:kimi-*. By: ann; Reason: too dear; Until:"
                        + " 2027-01-31T04:00:00Z; Stops in effect: 1.");
        assertThat(notice("stop.began", 1, 1, stop("organization", null)).title())
                .isEqualTo("Stopped: all agents");
        Notice ended = notice(
                "stop.ended", 1, 0, stop("agents", "planner-*").putNull("actor").putNull("reason"));
        assertThat(ended.text())
                .isEqualTo("Resumed: agents planner-*. By: the end that was set for it; Stops in effect: 0.");
        assertThat(ended.tone()).isEqualTo(Tone.GOOD);
        assertThat(notice("stop.ended", 1, 2, stop("agents", "x")).tone()).isEqualTo(Tone.NOTE);
        assertThat(ended.thread()).isEqualTo(began.thread());
        assertThat(notice("stop.began", 30, 31, stop("agents", "a"), stop("agents", "b"))
                        .text())
                .isEqualTo("30 stops began or changed. Stopped: agents a, agents b and 28 more; Stops in effect: 31.");
    }

    @Test
    void what_somebody_wrote_is_one_line() {
        assertThat(notice("stop.began", 1, 1, stop("agents", "a\nb*").put("reason", "x\u202ey"))
                        .text())
                .doesNotContain("\n", "\u202e");
    }
}
