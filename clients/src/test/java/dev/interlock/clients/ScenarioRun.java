package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;

/**
 * One scenario of {@code conformance.json}, played by all languages step by step.
 *
 * <p>Where a scenario says {@code one_by_one}, each language plays it whole before the next does.
 *
 * <p>A step is the server's, the cable's, or a command of the drivers' protocol. A {@code $} in a text stands for a prefix
 * that is the language's and the scenario's own, and {@code ${name}} for something that an earlier step kept. A step with
 * {@code until} is repeated until what it expects is so.
 */
final class ScenarioRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RealServer server;
    private final Cable cable;
    private final JsonNode scenario;
    private final Map<Language, Map<String, Driver>> drivers = new EnumMap<>(Language.class);
    private final Map<Language, Map<String, String>> kept = new EnumMap<>(Language.class);

    ScenarioRun(RealServer server, Cable cable, JsonNode scenario) {
        this.server = server;
        this.cable = cable;
        this.scenario = scenario;
    }

    void play() throws IOException, InterruptedException {
        List<Language> languages = Language.here();
        for (Language language : languages) {
            drivers.put(language, new HashMap<>());
            kept.put(language, new HashMap<>());
        }
        try {
            if (scenario.path("one_by_one").asBoolean()) {
                for (Language language : languages) {
                    play(List.of(language));
                }
            } else {
                play(languages);
            }
        } finally {
            cable.releaseAnswers();
            cable.plug();
            server.start();
            for (Map<String, Driver> each : drivers.values()) {
                for (Driver driver : each.values()) {
                    driver.close();
                }
            }
        }
    }

    private void play(List<Language> languages) throws IOException, InterruptedException {
        int number = 0;
        for (JsonNode step : scenario.path("steps")) {
            String where = "step " + ++number + " " + step;
            if (isOfAll(step.path("do").asText())) {
                all(step);
            } else {
                for (Language language : languages) {
                    each(language, (ObjectNode) filled(language, step), language + ", " + where);
                }
            }
        }
    }

    /** What happens once, whatever languages there are. */
    private static boolean isOfAll(String verb) {
        return List.of(
                        "kill_server",
                        "start_server",
                        "pull_cable",
                        "plug_cable",
                        "put_gate",
                        "remove_gate",
                        "hold_answers",
                        "release_answers")
                .contains(verb);
    }

    private void all(JsonNode step) throws IOException, InterruptedException {
        switch (step.path("do").asText()) {
            case "kill_server" -> server.kill();
            case "start_server" -> server.start();
            case "pull_cable" -> cable.pull();
            case "plug_cable" -> cable.plug();
            case "hold_answers" -> cable.holdAnswers();
            case "release_answers" -> cable.releaseAnswers();
            case "put_gate" ->
                server.putGate(step.path("gate").asText(), step.path("pattern").asText());
            default -> server.removeGate(step.path("gate").asText());
        }
    }

    private void each(Language language, ObjectNode step, String where) throws IOException, InterruptedException {
        if (language.cannot(step.path("do").asText())) {
            return;
        }
        boolean until = step.path("until").asBoolean();
        JsonNode expect = step.path("expect");
        ThrowingRunnable once = () -> {
            for (JsonNode before : step.path("before")) {
                each(language, before.deepCopy(), where);
            }
            JsonNode answer = carryOut(language, step.deepCopy());
            Expectation.assertThatItIs(answer, expect, where);
            keep(language, step.path("keep"), answer);
        };
        if (until) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).untilAsserted(once);
        } else {
            try {
                once.run();
            } catch (IOException | InterruptedException | RuntimeException | Error failed) {
                throw failed;
            } catch (Throwable failed) {
                throw new AssertionError(failed);
            }
        }
    }

    private void keep(Language language, JsonNode keep, JsonNode answer) {
        keep.fields()
                .forEachRemaining(each -> kept.get(language)
                        .put(each.getKey(), answer.at(each.getValue().asText()).asText()));
    }

    private JsonNode carryOut(Language language, ObjectNode step) throws IOException, InterruptedException {
        String verb = step.path("do").asText();
        switch (verb) {
            case "policy" -> {
                return server.call(
                        "PUT",
                        "/api/v1/policies/"
                                + RealServer.encoded(step.path("pattern").asText()),
                        step.path("settings"));
            }
            case "action" -> {
                ObjectNode body = JSON.createObjectNode()
                        .put("action", step.path("action").asText());
                return server.call("POST", path(step) + "/action", body);
            }
            case "budget" -> {
                return server.call("PUT", "/api/v1/budgets/" + step.path("id").asText(), step.path("settings"));
            }
            case "server_budget" -> {
                return server.call("GET", "/api/v1/budgets/" + step.path("id").asText(), null)
                        .path("usage")
                        .path(0);
            }
            case "server_circuit" -> {
                return server.circuit(step.path("agent").asText());
            }
            case "server_log" -> {
                String agent = RealServer.encoded(step.path("agent").asText());
                JsonNode rows = server.call("GET", "/api/v1/agents/" + agent + "/logs?limit=1000", null)
                        .path("logs");
                return JSON.createObjectNode().put("count", rows.size()).set("newest", rows.path(0));
            }
            case "actions" -> {
                return server.call("POST", "/api/v1/actions", step.path("body"));
            }
            case "gates" -> {
                return server.call("GET", "/api/v1/gates", null);
            }
            case "server_permit" -> {
                return server.call("POST", path(step) + "/permits", JSON.createObjectNode());
            }
            case "create_key" -> {
                return server.call("POST", "/api/v1/keys", step.path("key"));
            }
            case "revoke_key" -> {
                return server.call("DELETE", "/api/v1/keys/" + step.path("key").asText(), null);
            }
            case "exhaust" -> {
                server.exhaust(step.path("agent").asText(), step.path("key").asText());
                return JSON.createObjectNode();
            }
            case "lose_answers" -> {
                cable.loseAnswers(step.path("number").asInt());
                return JSON.createObjectNode();
            }
            case "pass_answers" -> {
                cable.passAnswers();
                return JSON.createObjectNode();
            }
            case "lost_answers" -> {
                return JSON.createObjectNode().put("left", cable.left());
            }
            case "kill_client" -> {
                Driver driver = drivers.get(language).remove(step.path("driver").asText("first"));
                assertThat(driver).isNotNull();
                driver.kill();
                return JSON.createObjectNode();
            }
            default -> {
                return command(language, step);
            }
        }
    }

    /** A command of the drivers' protocol; two drivers are two processes. */
    private JsonNode command(Language language, ObjectNode step) throws IOException {
        String name = step.path("driver").asText("first");
        Driver driver = drivers.get(language).get(name);
        if (driver == null) {
            driver = Driver.start(language);
            drivers.get(language).put(name, driver);
        }
        step.remove(List.of("driver", "before", "until", "expect", "keep", "note"));
        if (step.path("do").asText().equals("connect")) {
            if (!step.has("urls")) {
                step.putArray("urls").add(cable.url());
            }
            if (!step.has("key")) {
                step.put("key", server.adminKey());
            }
            step.put("backoff_ms", 50).put("backoff_max_ms", 200);
            if (!step.has("timeout_ms")) {
                step.put("timeout_ms", 5_000);
            }
        }
        return driver.ask(step);
    }

    private static String path(JsonNode step) {
        return "/api/v1/circuits/" + RealServer.encoded(step.path("agent").asText());
    }

    /** The same with every {@code $} replaced. */
    private JsonNode filled(Language language, JsonNode node) {
        if (node.isTextual()) {
            String text = node.asText();
            for (Map.Entry<String, String> each : kept.get(language).entrySet()) {
                text = text.replace("${" + each.getKey() + "}", each.getValue());
            }
            return TextNode.valueOf(
                    text.replace("$", language.prefix() + scenario.path("id").asText() + "-"));
        }
        if (node.isArray()) {
            ArrayNode array = JSON.createArrayNode();
            node.forEach(each -> array.add(filled(language, each)));
            return array;
        }
        if (node.isObject()) {
            ObjectNode object = JSON.createObjectNode();
            node.fields().forEachRemaining(each -> object.set(each.getKey(), filled(language, each.getValue())));
            return object;
        }
        return node;
    }
}
