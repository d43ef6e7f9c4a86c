package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.settings.PolicySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Plays the scenarios, one test a file: those of the project, and those of the folder that the system property {@code
 * interlock.scenarios} names. The format is documented in {@code scenarios/README.md} next to the design.
 */
class ScenarioTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> projectsScenarios() throws URISyntaxException, IOException {
        return scenarios(project());
    }

    private static Path project() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(ScenarioTest.class.getResource("/scenarios/streak-reset.json"))
                        .toURI())
                .getParent();
    }

    /** So that what a folder of one's own may say is said here, too. */
    @Test
    void theProjectsScenariosUseAllWords() throws URISyntaxException, IOException {
        Set<String> policy = new TreeSet<>();
        Set<String> words = new TreeSet<>();
        for (Path file : files(project())) {
            JsonNode scenario = read(file);
            scenario.path("policy").fieldNames().forEachRemaining(policy::add);
            for (JsonNode step : scenario.path("steps")) {
                step.fieldNames().forEachRemaining(words::add);
                step.path("expect").fieldNames().forEachRemaining(words::add);
                words.add(step.path("do").asText());
                words.add(step.path("outcome").asText());
                words.add(step.path("expect").path("state").asText());
            }
        }
        assertThat(words).containsAll(ScenarioWords.ALL);
        assertThat(policy).contains("upstream", "min_callers", "cooldowns_ms", "retry_after_min_ms");
    }

    @TestFactory
    Stream<DynamicTest> extraScenarios() throws IOException {
        String folder = System.getProperty("interlock.scenarios");
        if (folder == null || folder.isBlank()) {
            return Stream.empty();
        }
        // A relative folder is meant from where the command was typed, not from this module.
        return scenarios(Path.of(System.getProperty("interlock.root", "")).resolve(folder));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> listing = Files.list(folder)) {
            return listing.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static Stream<DynamicTest> scenarios(Path folder) throws IOException {
        List<Path> files = files(folder);
        assertThat(files).as("scenarios in %s", folder).isNotEmpty();
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), file.toUri(), () -> play(file)));
    }

    private static void play(Path file) {
        JsonNode scenario = read(file);
        String name = file.getFileName().toString();
        assertThat(ScenarioWords.problems(name, scenario)).isEmpty();
        new Run(name, scenario).play();
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** One scenario on its own clock and circuit. */
    private static final class Run {
        private static final CircuitId ID = CircuitId.of("agent");

        private final JsonNode scenario;
        private final ManualTimeSource time = new ManualTimeSource();
        private final List<StateTransition> transitions = new ArrayList<>();
        private final Map<String, Permit> permits = new HashMap<>();
        private final CircuitBreakerManager manager;
        private final CircuitBreaker circuit;

        Run(String file, JsonNode scenario) {
            this.scenario = scenario;
            Map<String, Object> settings = JSON.convertValue(scenario.path("policy"), new TypeReference<>() {});
            CircuitBreakerConfig policy;
            try {
                policy = PolicySettings.read(settings);
            } catch (InvalidSettingsException wrong) {
                throw new AssertionError(file + ", policy: " + wrong.getMessage(), wrong);
            }
            manager = CircuitBreakerManager.builder()
                    .defaults(policy)
                    .time(time)
                    .executor(Runnable::run)
                    .listener(transitions::add)
                    .build();
            circuit = manager.getOrCreate(ID);
        }

        void play() {
            int number = 0;
            for (JsonNode step : scenario.path("steps")) {
                number++;
                time.advance(Duration.ofMillis(step.path("at_ms").asLong()).minusNanos(time.ticks()));
                for (int i = 0; i < step.path("repeat").asInt(1); i++) {
                    play(step, "step " + number + " " + step);
                }
                expect(step, "step " + number + " " + step);
            }
            manager.close();
        }

        private void play(JsonNode step, String where) {
            String verb = step.path("do").asText();
            switch (verb) {
                case "call" -> call(step, where);
                case "begin" -> begin(step, where);
                case "end" -> permits.get(step.path("ref").asText()).settle(outcome(step));
                case "record" -> guard(step).record(outcome(step), Duration.ZERO);
                case "read" -> circuit.snapshot();
                default ->
                    circuit.override(
                            ManualOverride.of(OverrideAction.valueOf(verb.toUpperCase(Locale.ROOT)), "scenario"));
            }
        }

        private void call(JsonNode step, String where) {
            Permit permit = acquire(step, where);
            if (permit != null) {
                permit.settle(outcome(step));
            }
        }

        private void begin(JsonNode step, String where) {
            Permit permit = acquire(step, where);
            if (permit != null) {
                permits.put(step.path("ref").asText(), permit);
            }
        }

        private @Nullable Permit acquire(JsonNode step, String where) {
            JsonNode expect = step.path("expect");
            Permit permit = null;
            CircuitOpenException refusal = null;
            try {
                Permit parent = permits.get(step.path("parent").asText());
                Guard guard = guard(step);
                permit = parent == null ? guard.acquire() : parent.<Permit, CircuitOpenException>supply(guard::acquire);
            } catch (CircuitOpenException refused) {
                refusal = refused;
            }
            if (expect.has("admitted")) {
                assertThat(permit != null)
                        .as("admitted at " + where)
                        .isEqualTo(expect.path("admitted").asBoolean());
            }
            if (expect.has("retry_after_ms")) {
                assertThat(refusal).as("refusal at " + where).isNotNull();
                assertThat(refusal.retryAfter())
                        .as("retry after at " + where)
                        .isEqualTo(
                                Duration.ofMillis(expect.path("retry_after_ms").asLong()));
            }
            return permit;
        }

        /** The circuit as one caller asks it. */
        private Guard guard(JsonNode step) {
            return manager.guard(ID).withCaller(step.path("caller").asText(ID.name()));
        }

        private void expect(JsonNode step, String where) {
            JsonNode expect = step.path("expect");
            // Of a call it is what its own refusal said: another caller might have been let in.
            if (expect.has("retry_after_ms")
                    && !ScenarioWords.CALLS.contains(step.path("do").asText())) {
                assertThat(circuit.snapshot().retryAfter())
                        .as("retry after, " + where)
                        .isEqualTo(
                                Duration.ofMillis(expect.path("retry_after_ms").asLong()));
            }
            if (expect.has("state")) {
                assertThat(circuit.state().name().toLowerCase(Locale.ROOT))
                        .as("state after " + where)
                        .isEqualTo(expect.path("state").asText());
            }
            if (expect.has("transitions")) {
                assertThat(transitions.stream().filter(StateTransition::opens).count())
                        .as("openings after " + where)
                        .isEqualTo(expect.path("transitions").asLong());
                assertThat(circuit.snapshot().openings())
                        .as("openings in the snapshot after " + where)
                        .isEqualTo(expect.path("transitions").asInt());
            }
        }

        private static Outcome outcome(JsonNode step) {
            Outcome outcome = switch (step.path("outcome").asText()) {
                case "success" -> Outcome.success();
                case "ignored" -> Outcome.failure(kind(step, FailureKind.CANCELLED));
                case "failure" -> Outcome.failure(kind(step, FailureKind.ERROR));
                default -> throw new IllegalArgumentException("Unknown outcome in " + step);
            };
            if (step.has("failure_retry_after_ms")) {
                outcome = outcome.retryAfter(
                        Duration.ofMillis(step.path("failure_retry_after_ms").asLong()));
            }
            return outcome.took(Duration.ofMillis(step.path("took_ms").asLong(0)));
        }

        private static FailureKind kind(JsonNode step, FailureKind otherwise) {
            return step.has("kind") ? FailureKind.valueOf(step.path("kind").asText()) : otherwise;
        }
    }
}
