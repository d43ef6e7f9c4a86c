package dev.interlock.server.actions;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Overrides of many circuits: a preview, what it does, and how it is undone, after a restart, too. */
class ManyOverridesTest {
    @TempDir
    Path folder;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.on(folder);
        act("a-closed", "close");
        act("a-open", "open");
        act("a-held", "hold_open");
        act("a-free", "hold_closed");
        act("b-open", "open");
        server.post("/api/v1/circuits/a-open/action", "operator@rival", "{\"action\":\"open\"}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_preview_counts_those_that_would_change_names_the_first_and_changes_nothing() {
        JsonObject preview = ok(many("{\"action\":\"close\",\"pattern\":\"a-*\",\"dry_run\":true}"));
        assertThat(preview.getInteger("found")).isEqualTo(4);
        assertThat(preview.getInteger("changed")).isEqualTo(3);
        assertThat(names(preview.getJsonArray("first"))).containsExactly("a-free", "a-held", "a-open");
        assertThat(preview.getJsonArray("first").getJsonObject(1))
                .isEqualTo(new JsonObject()
                        .put("agent_id", "a-held")
                        .put("state", "open")
                        .put("held", true));
        assertThat(preview.containsKey("id")).isFalse();
        assertThat(ok(many("{\"action\":\"release\",\"pattern\":\"*\",\"dry_run\":true}"))
                        .getInteger("changed"))
                .isEqualTo(2);
        assertThat(ok(many("{\"action\":\"open\",\"query\":\"a-\",\"dry_run\":true}"))
                        .getInteger("changed"))
                .isEqualTo(2);
        assertThat(ok(many("{\"action\":\"reset\",\"query\":\"a-\",\"dry_run\":true}"))
                        .getInteger("changed"))
                .isEqualTo(4);
        assertThat(looks())
                .isEqualTo("a-closed closed, a-free held closed, a-held held open, a-open open, b-open open");
    }

    @Test
    void it_does_what_the_preview_said_and_an_undo_brings_back_what_was() {
        JsonObject done = ok(many("{\"action\":\"hold_closed\",\"pattern\":\"a-*\",\"reason\":\"let all pass\"}"));
        assertThat(done.getInteger("changed")).isEqualTo(3);
        assertThat(done.getBoolean("durable")).isTrue();
        assertThat(looks())
                .isEqualTo(
                        "a-closed held closed, a-free held closed, a-held held closed, a-open held closed, b-open open");
        JsonObject held = circuit("a-open").getJsonObject("hold");
        assertThat(held.getString("reason")).isEqualTo("let all pass");
        assertThat(json(server.get("/api/v1/circuits/a-open", "viewer@rival")).getValue("hold"))
                .as("another organization's")
                .isNull();

        server.close();
        server = RunningServer.on(folder);
        act("a-held", "close"); // somebody else was here
        JsonObject undone = ok(many(undo(done)));
        assertThat(undone.getInteger("changed")).isEqualTo(2);
        assertThat(names(undone.getJsonArray("not_done"))).containsExactly("a-held");
        assertThat(undone.getJsonArray("not_done").getJsonObject(0).getString("detail"))
                .isEqualTo("It has changed since: it is closed now");
        assertThat(looks()).isEqualTo("a-closed closed, a-free held closed, a-held closed, a-open open, b-open open");

        JsonObject again = ok(many(undo(done)));
        assertThat(again.getInteger("changed"))
                .as("what was undone is undone once")
                .isZero();
        assertThat(again.getInteger("not_done_count")).isEqualTo(3);
        JsonArray actions = json(server.get("/api/v1/actions", "viewer@acme")).getJsonArray("actions");
        assertThat(actions).hasSize(2);
        assertThat(actions.getJsonObject(0).getString("undoes")).isEqualTo(done.getString("id"));
        assertThat(actions.getJsonObject(1).getString("selection")).isEqualTo("a-*");
        assertThat(json(server.get("/api/v1/actions", "viewer@rival")).getJsonArray("actions"))
                .isEmpty();
        assertThat(server.post("/api/v1/actions", "operator@rival", undo(done)).statusCode())
                .isEqualTo(404);
    }

    @Test
    void an_undo_can_be_undone_and_a_hold_comes_back_with_its_end() {
        String end = "2099-01-31T18:00:00Z";
        ok(server.post(
                "/api/v1/circuits/a-closed/action",
                "operator@acme",
                "{\"action\":\"hold_open\",\"until\":\"" + end + "\"}"));
        JsonObject closed = ok(many("{\"action\":\"close\",\"query\":\"state:held\"}"));
        assertThat(closed.getInteger("changed")).isEqualTo(3);
        JsonObject undone = ok(many(undo(closed)));
        assertThat(undone.getInteger("changed")).isEqualTo(3);
        assertThat(java.time.Instant.parse(
                        circuit("a-closed").getJsonObject("hold").getString("until")))
                .isEqualTo(java.time.Instant.parse(end));
        assertThat(looks())
                .isEqualTo("a-closed held open, a-free held closed, a-held held open, a-open open, b-open open");
        assertThat(ok(many(undo(undone))).getInteger("changed")).isEqualTo(3);
        assertThat(looks()).isEqualTo("a-closed closed, a-free closed, a-held closed, a-open open, b-open open");
    }

    @Test
    void more_than_somebody_saw_is_refused_and_nothing_is_done() {
        HttpResponse<String> answer = many("{\"action\":\"close\",\"pattern\":\"*\",\"at_most\":3}");
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).getString("type")).isEqualTo("more-than-expected");
        assertThat(json(answer).getInteger("changed")).isEqualTo(4);
        assertThat(looks()).contains("a-open open").contains("b-open open");
        assertThat(ok(many("{\"action\":\"close\",\"pattern\":\"*\",\"at_most\":4}"))
                        .getInteger("changed"))
                .isEqualTo(4);
    }

    @Test
    void what_changes_nothing_has_nothing_to_undo() {
        JsonObject nothing = ok(many("{\"action\":\"close\",\"pattern\":\"nobody-*\"}"));
        assertThat(nothing.getInteger("found")).isZero();
        assertThat(nothing.getValue("id")).isNull();
        assertThat(json(server.get("/api/v1/actions", "viewer@acme")).getJsonArray("actions"))
                .isEmpty();
        JsonObject reset = ok(many("{\"action\":\"reset\",\"pattern\":\"a-closed\"}"));
        JsonObject undone = ok(many(undo(reset)));
        assertThat(undone.getInteger("changed")).isZero();
        assertThat(undone.getJsonArray("not_done").getJsonObject(0).getString("detail"))
                .contains("what was forgotten stays forgotten");
    }

    @Test
    void what_does_not_belong_together_is_refused() {
        refused("{\"action\":\"close\"}", "either pattern");
        refused("{\"action\":\"close\",\"pattern\":\"a\",\"query\":\"a\"}", "either pattern");
        refused("{\"action\":\"close\",\"pattern\":\"a\",\"covers\":\"agents\"}", "covers does not belong");
        refused("{\"action\":\"close\",\"query\":\"state:broken\"}", "there is no such state");
        refused("{\"action\":\"open\",\"pattern\":\"a\",\"until\":\"2099-01-01T00:00:00Z\"}", "until belongs to hold");
        refused("{\"action\":\"undo\"}", "needs the id");
        refused("{\"action\":\"undo\",\"id\":\"x\",\"pattern\":\"a\"}", "pattern does not belong");
        assertThat(many("{\"action\":\"undo\",\"id\":\"nobody-knows\"}").statusCode())
                .isEqualTo(404);
    }

    private void refused(String body, String detail) {
        HttpResponse<String> answer = many(body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).contains(detail);
    }

    private static String undo(JsonObject done) {
        return "{\"action\":\"undo\",\"id\":\"" + done.getString("id") + "\"}";
    }

    /** The whole fleet, as a person would say it. */
    private String looks() {
        JsonObject circuits = json(server.get("/api/v1/circuits/", "viewer@acme"));
        return circuits.fieldNames().stream()
                .sorted()
                .map(name -> {
                    JsonObject circuit = circuits.getJsonObject(name);
                    return name + (circuit.getValue("hold") == null ? " " : " held ") + circuit.getString("state");
                })
                .collect(Collectors.joining(", "));
    }

    private static List<String> names(JsonArray rows) {
        return rows.stream()
                .map(each -> ((JsonObject) each).getString("agent_id"))
                .toList();
    }

    private JsonObject circuit(String agent) {
        return json(server.get("/api/v1/circuits/" + agent, "viewer@acme"));
    }

    private void act(String agent, String action) {
        ok(server.post("/api/v1/circuits/" + agent + "/action", "operator@acme", "{\"action\":\"" + action + "\"}"));
    }

    private HttpResponse<String> many(String body) {
        return server.post("/api/v1/actions", "operator@acme", body);
    }

    private static JsonObject ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }
}
