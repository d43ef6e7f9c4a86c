package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.checks.Rounds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets hidden in any field of an entry, at any depth, in keys, objects and stack traces, never leave. */
class PlantedSecretsTest {
    private static final Instant NOW = Instant.parse("2026-04-16T12:00:00Z");

    @Test
    @Tag("heavy")
    void planted_secrets_never_leave() {
        long seed = Long.getLong("interlock.seed", new Random().nextLong());
        Random random = new Random(seed);
        int rounds = Rounds.of(100, 10);
        for (int round = 0; round < rounds; round++) {
            for (Planted planted : Planted.all(random)) {
                LogEntry entry = entryWith(random, planted);
                LogEntry clean = Redactor.standard().redact(entry);
                assertThat(clean.toString())
                        .as("seed %d, %s in %s", seed, planted.kind(), entry)
                        .doesNotContain(planted.secret());
                assertThat(Redactor.standard().redact(clean)).isEqualTo(clean);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"password", "apiKey", "DB_PASSWORD", "x-api-key", "Authorization", "clientSecret", "cookie"})
    void a_secret_name_in_metadata_takes_its_whole_value(String name) {
        assertThat(redacted(Map.of(name, "hunter2"))).containsEntry(name, Labels.SECRET);
        assertThat(redacted(Map.of(name, 4711))).containsEntry(name, Labels.SECRET);
        assertThat(redacted(Map.of(name, List.of("a", "b")))).containsEntry(name, Labels.SECRET);
        assertThat(redacted(Map.of(name, Map.of("user", "bob")))).containsEntry(name, Labels.SECRET);
        assertThat(redacted(Map.of("headers", List.of(Map.of("name", name, "value", "hunter2")))))
                .containsEntry("headers", List.of(Map.of("name", name, "value", Labels.SECRET)));
    }

    @Test
    void numbers_under_a_telling_name_go_and_others_stay_numbers() {
        long card = Long.parseLong(Planted.card(new Random(7), "51", 16));
        Map<String, Object> clean = redacted(
                Map.of("phone", 4155550123L, "ssn", 123456789, "n", card, "tokens", 512, "ratio", 0.25, "phones", 2));
        assertThat(clean)
                .containsOnly(
                        Map.entry("phone", Labels.PHONE),
                        Map.entry("ssn", Labels.SOCIAL_SECURITY),
                        Map.entry("n", Labels.CARD),
                        Map.entry("tokens", 512),
                        Map.entry("ratio", 0.25),
                        Map.entry("phones", 2));
    }

    @Test
    void two_keys_that_become_one_are_both_kept() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("ada@example.com", 1);
        metadata.put("bob@example.com", 2);
        assertThat(redacted(metadata))
                .containsOnly(Map.entry("[redacted:mail]", 1), Map.entry("[redacted:mail] (2)", 2));
    }

    @Test
    void long_values_are_cut_and_say_so_and_no_secret_is_cut_in_two() {
        String filler = "word ".repeat(5_000);
        LogEntry entry =
                entry().inputSummary(filler).metadata(Map.of("text", filler)).build();
        LogEntry clean = Redactor.standard().redact(entry);
        assertThat(clean.inputSummary())
                .hasSizeLessThan(2_050)
                .contains("… [cut, ")
                .endsWith(" more characters]");
        assertThat((String) clean.metadata().get("text")).hasSizeLessThan(2_050);
        Planted key = Planted.keys(new Random(8)).get(0);
        for (int before = Clip.CAPTURED - 60; before < Clip.CAPTURED + 5; before++) {
            // What goes before is taken out in turn, so that the end comes into the part that is sent.
            String text = "password=\"" + "x".repeat(before - 12) + "\" " + key.text() + " end";
            assertThat(Redactor.standard()
                            .redact(entry().inputSummary(text).build())
                            .inputSummary())
                    .doesNotContain(key.text().substring(0, 16));
        }
    }

    @Test
    void circles_and_endless_structures_come_to_an_end() {
        Map<String, Object> circle = new LinkedHashMap<>();
        circle.put("self", circle);
        circle.put("list", new ArrayList<>(List.of(circle, circle)));
        assertThat(redacted(circle).toString()).contains("[cut: deeper than 8 levels]");
        List<Object> wide = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            wide.add(i);
        }
        assertThat((List<?>) redacted(Map.of("wide", wide)).get("wide")).hasSizeLessThanOrEqualTo(1_001);
    }

    @Test
    void objects_that_throw_when_asked_do_no_harm() {
        Object broken = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("ada@example.com");
            }
        };
        assertThat(redacted(Map.of("object", broken)))
                .containsEntry("object", "(its text cannot be had: java.lang.IllegalStateException)");
    }

    private static LogEntry entryWith(Random random, Planted planted) {
        String text = around(random, planted.text());
        LogEntry.Builder entry = entry();
        return switch (random.nextInt(8)) {
            case 0 -> entry.inputSummary(text).build();
            case 1 -> entry.outputSummary(text).build();
            case 2 -> entry.errorMessage(text).errorKind(FailureKind.ERROR).build();
            case 3 -> entry.actionName(text).build();
            case 4 -> entry.executionId(text).entryId(text).build();
            case 5 -> LogEntry.builder(text, ActionType.CUSTOM, NOW).build();
            case 6 -> entry.metadata(Map.of("stack_trace", thrown(text))).build();
            default -> entry.metadata(Map.of("x", nested(random, text, 0))).build();
        };
    }

    private static Object nested(Random random, String text, int depth) {
        return switch (depth >= 5 ? 0 : random.nextInt(9)) {
            case 0 -> text;
            case 1 -> List.of("a", nested(random, text, depth + 1));
            case 2 -> Map.of("b", nested(random, text, depth + 1), "n", 17);
            case 3 -> Map.of(text, nested(random, "c", depth + 1));
            case 4 -> new Object[] {nested(random, text, depth + 1)};
            case 5 -> Optional.of(nested(random, text, depth + 1));
            case 6 -> new StringBuilder(text);
            case 7 -> new LinkedHashMap<>(Map.of(17, nested(random, text, depth + 1)));
            default -> thrown(text);
        };
    }

    private static Throwable thrown(String text) {
        RuntimeException cause = new IllegalStateException(text);
        StackTraceElement[] frames = cause.getStackTrace();
        return new RuntimeException("outer", new RuntimeException(Arrays.toString(frames), cause));
    }

    private static String around(Random random, String text) {
        String[] befores = {"", "asked ", "a=", "x: ", "(", "\"", "{\"k\":\"", "\n", "— ", ", ", "see <", "[1, "};
        String[] afters = {"", " and more", "\n", ", next", ")", "\"", " (3)", ";", ">", " 12 x", "\"}"};
        return befores[random.nextInt(befores.length)] + text + afters[random.nextInt(afters.length)];
    }

    private static LogEntry.Builder entry() {
        return LogEntry.builder("planner", ActionType.TOOL_CALL, NOW);
    }

    private static Map<String, Object> redacted(Map<String, Object> metadata) {
        return Redactor.standard().redact(entry().metadata(metadata).build()).metadata();
    }
}
