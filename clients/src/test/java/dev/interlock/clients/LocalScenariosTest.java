package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Plays core's scenarios through the clients while they decide by themselves, on a hand-driven clock. */
class LocalScenariosTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = Language.ROOT.resolve("core/src/test/resources/scenarios");

    /** What no client does by itself. */
    private static final Set<String> OVERRIDES =
            Set.of("open", "close", "reset", "hold_open", "hold_closed", "release", "probe_now");

    private static final String OF_A_PERSON =
            "a person's override is the server's; conformance.json shows that a client obeys it";

    /** The scenarios that do not apply to a client, and why not. */
    private static final Map<String, String> NOT_FOR_A_CLIENT =
            Map.of("all-overrides.json", OF_A_PERSON, "hold-closed.json", OF_A_PERSON);

    /** One a language, for all scenarios. */
    private static final Map<Language, Driver> DRIVERS = new EnumMap<>(Language.class);

    @AfterAll
    static void close() throws IOException, InterruptedException {
        for (Driver driver : DRIVERS.values()) {
            driver.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Language language : Language.here()) {
            for (Path file : files()) {
                String name = file.getFileName().toString();
                if (!NOT_FOR_A_CLIENT.containsKey(name)) {
                    tests.add(
                            DynamicTest.dynamicTest(language + ": " + name, file.toUri(), () -> play(language, file)));
                }
            }
        }
        return tests.stream();
    }

    @Test
    void a_scenario_that_is_left_out_is_named_with_its_reason() throws IOException {
        Set<String> overrides = new TreeSet<>();
        for (Path file : files()) {
            for (JsonNode step : JSON.readTree(file.toFile()).path("steps")) {
                if (OVERRIDES.contains(step.path("do").asText())) {
                    overrides.add(file.getFileName().toString());
                }
            }
        }
        assertThat(NOT_FOR_A_CLIENT.keySet()).containsExactlyInAnyOrderElementsOf(overrides);
        assertThat(Files.readString(Language.ROOT.resolve("docs/client-rules.md")))
                .contains(overrides.stream().map(each -> "`" + each + "`").toList());
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(FOLDER)) {
            List<Path> files = all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            assertThat(files).hasSizeGreaterThan(20);
            return files;
        }
    }

    private static void play(Language language, Path file) throws IOException {
        Driver driver = DRIVERS.get(language);
        if (driver == null) {
            driver = Driver.start(language);
            DRIVERS.put(language, driver);
        }
        new Run(driver, file.getFileName().toString(), JSON.readTree(file.toFile())).play();
    }

    /** One scenario on its own client and clock. */
    private static final class Run {
        private final Driver driver;
        private final String client;
        private final JsonNode scenario;
        private final Set<String> guards = new HashSet<>();

        Run(Driver driver, String client, JsonNode scenario) {
            this.driver = driver;
            this.client = client;
            this.scenario = scenario;
        }

        void play() {
            ObjectNode connect = command("connect").put("client", client).put("clock", "manual");
            connect.putArray("urls");
            connect.putObject("policies").set("*", scenario.path("policy"));
            driver.ask(connect);
            int number = 0;
            for (JsonNode step : scenario.path("steps")) {
                String where = "step " + ++number + " " + step;
                driver.ask(command("clock")
                        .put("client", client)
                        .put("at_ms", step.path("at_ms").asLong()));
                for (int i = 0; i < step.path("repeat").asInt(1); i++) {
                    play(step, where);
                }
                look(step.path("expect"), where);
            }
        }

        private void play(JsonNode step, String where) {
            String verb = step.path("do").asText();
            if (verb.equals("read")) {
                return;
            }
            ObjectNode command = command(verb.equals("call") ? "begin" : verb);
            if (!verb.equals("end")) {
                command.put("guard", guard(step.path("caller").asText("agent")));
            }
            for (String field : List.of("ref", "parent")) {
                if (step.has(field)) {
                    command.put(field, client + step.path(field).asText());
                }
            }
            if (verb.equals("call")) {
                command.put("ref", client);
            } else {
                ending(step, command);
            }
            JsonNode answer = driver.ask(command);
            if (verb.equals("call") && answer.path("admitted").asBoolean()) {
                ObjectNode end = command("end").put("ref", client);
                ending(step, end);
                driver.ask(end);
            }
            JsonNode expect = step.path("expect");
            if (expect.has("admitted")) {
                assertThat(answer.path("admitted")).as("admitted at " + where).isEqualTo(expect.path("admitted"));
            }
            if (expect.has("retry_after_ms")) {
                assertThat(answer.at("/refusal/retry_after_ms").asDouble())
                        .as("retry after at " + where)
                        .isEqualTo(expect.path("retry_after_ms").asDouble());
            }
            if (answer.has("refusal")) {
                assertThat(answer.at("/refusal/message").asText()).containsPattern("Do not repeat this call[^.]*\\.$");
                assertThat(answer.at("/refusal/decided").asText()).isEqualTo("local");
            }
        }

        private static void ending(JsonNode step, ObjectNode command) {
            copy(step, command, "outcome", "kind", "took_ms");
            if (step.has("outcome") && !step.has("took_ms")) {
                command.put("took_ms", 0);
            }
            if (step.has("failure_retry_after_ms")) {
                command.set("retry_after_ms", step.path("failure_retry_after_ms"));
            }
        }

        private static void copy(JsonNode step, ObjectNode command, String... fields) {
            for (String field : fields) {
                if (step.has(field)) {
                    command.set(field, step.path(field));
                }
            }
        }

        private String guard(String caller) {
            if (guards.add(caller)) {
                driver.ask(command("guard")
                        .put("client", client)
                        .put("guard", client + caller)
                        .put("agent", "agent")
                        .put("caller", caller));
            }
            return client + caller;
        }

        private void look(JsonNode expect, String where) {
            JsonNode circuit =
                    driver.ask(command("circuit").put("client", client).put("name", "agent"));
            if (expect.has("state")) {
                assertThat(circuit.path("state").asText())
                        .as("state after " + where)
                        .isEqualTo(expect.path("state").asText());
            }
            if (expect.has("transitions")) {
                assertThat(circuit.path("openings").asInt())
                        .as("openings after " + where)
                        .isEqualTo(expect.path("transitions").asInt());
            }
        }

        private static ObjectNode command(String verb) {
            return JSON.createObjectNode().put("do", verb);
        }
    }
}
