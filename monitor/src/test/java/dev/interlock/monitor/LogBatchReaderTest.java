package dev.interlock.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reader takes in what the writer writes, and refuses what is wrong entry by entry. */
class LogBatchReaderTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456789Z");
    private static final String GOOD = "{\"agent_id\":\"planner\",\"action_type\":\"tool_call\",\"status\":\"success\","
            + "\"timestamp\":\"2026-01-01T13:00:00.5+01:00\"}";

    @Test
    void whatTheWriterWritesIsReadAsItWas() throws IOException {
        LogEntry whole = LogEntry.builder("planner", ActionType.LLM_INFERENCE, NOON)
                .entryId("e1")
                .executionId("run-1")
                .actionName("kimi-k2")
                .inputSummary("in")
                .outputSummary("out 🚂")
                .status(EntryStatus.FAILURE)
                .errorMessage("no answer")
                .errorKind(FailureKind.TIMEOUT)
                .latencyMs(30_000L)
                .tokenCount(812L)
                .costUsd(0.0031)
                .metadata(Map.of("deep", Map.of("list", Arrays.asList(1, 2.5, true, null, "x"))))
                .retryAfterMs(90_000L)
                .dependsOn(List.of("model:kimi-k2", "key:moonshot"))
                .caller("team-a")
                .guarded(true)
                .build();
        LogBatch batch = new LogBatch(
                "acme",
                NOON.plusSeconds(5),
                List.of(
                        whole,
                        LogEntry.builder("critic", ActionType.ERROR, NOON).build()));
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        LogBatchWriter.write(batch, json);

        LogBatchReader.Read read = LogBatchReader.read(json.toByteArray(), entry -> entry);

        assertThat(read.batch()).isEqualTo(batch);
        assertThat(read.refused()).isEmpty();
    }

    @Test
    void aBadEntryIsRefusedAloneWithItsPlace() {
        List<String> bad = List.of(
                "7",
                "[[{}]]",
                "{}",
                GOOD.replace("tool_call", "guess"),
                GOOD.replace("\"success\"", "{\"deep\":[1,{\"x\":2}]}"),
                GOOD.replace("2026-01-01T13", "2026-02-30T13"),
                GOOD.replace("}", ",\"latency_ms\":-1}"),
                GOOD.replace("}", ",\"latency_ms\":1e300}"),
                GOOD.replace("}", ",\"token_count\":1.5}"),
                GOOD.replace("}", ",\"error_kind\":\"timeout\"}"),
                GOOD.replace("}", ",\"metadata\":[1]}"),
                GOOD.replace("}", ",\"guarded\":\"yes\"}"),
                GOOD.replace("}", ",\"tokens\":3}"),
                GOOD.replace("}", ",\"depends_on\":\"model:m\"}"),
                GOOD.replace("}", ",\"depends_on\":[\"model:m\",7]}"),
                GOOD.replace("}", ",\"depends_on\":[null]}"),
                GOOD.replace("}", ",\"depends_on\":[\" \"]}"),
                GOOD.replace("}", ",\"depends_on\":[\"\\udc00\"]}"),
                GOOD.replace("}", ",\"depends_on\":[[\"model:m\"],{\"x\":1}]}"),
                GOOD.replace("}", ",\"depends_on\":[" + "\"m\",".repeat(16) + "\"m\"]}"),
                GOOD.replace("}", ",\"caller\":7}"),
                GOOD.replace("}", ",\"caller\":\"\"}"),
                GOOD.replace("}", ",\"caller\":\"\\ud800\"}"),
                GOOD.replace("}", ",\"retry_after_ms\":-1}"),
                GOOD.replace("}", ",\"status\":\"success\"}"),
                GOOD.replace("planner", "a\\u0000b"),
                GOOD.replace("planner", "\\ud800"),
                GOOD.replace("planner", " "));
        for (String each : bad) {
            LogBatchReader.Read read = read("{\"entries\":[" + GOOD + "," + each + "," + GOOD + "]}");

            assertThat(read.batch().entries()).as(each).hasSize(2);
            assertThat(read.places()).containsExactly(0, 2);
            assertThat(read.refused()).singleElement().satisfies(refusal -> {
                assertThat(refusal.index()).isEqualTo(1);
                assertThat(refusal.problem()).isNotBlank().hasSizeLessThan(400);
            });
        }
    }

    @Test
    void whatIsNoBatchIsRefusedAsAWhole() {
        for (String each : List.of(
                "",
                "7",
                "{",
                "{}",
                "{\"entries\":{}}",
                "{\"entries\":[],\"logs\":[]}",
                "{\"entries\":[],\"x\":1}",
                "{\"entries\":[],\"sent_at\":\"now\"}",
                "{\"entries\":[],\"organization_id\":7}",
                "{\"entries\":[]} []",
                "{\"entries\":[" + "1,".repeat(1_000) + "1]}")) {
            assertThatThrownBy(() -> read(each)).as(each).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void textsThatNoDatabaseHoldsAreMendedAndFractionsOfMillisecondsRounded() {
        LogEntry entry = read("{\"logs\":["
                        + GOOD.replace(
                                "}",
                                ",\"input_summary\":\"a\\u0000b\\ud83dc\",\"latency_ms\":12.6,"
                                        + "\"metadata\":{\"k\\u0000\":[\"\\udc00\"],\"n\":1e999}}")
                        + "]}")
                .batch()
                .entries()
                .get(0);

        assertThat(entry.inputSummary()).isEqualTo("a\uFFFDb\uFFFDc");
        assertThat(entry.latencyMs()).isEqualTo(13);
        assertThat(entry.timestamp()).isEqualTo("2026-01-01T12:00:00.500Z");
        assertThat(entry.metadata()).containsEntry("k\uFFFD", List.of("\uFFFD"));
        assertThat(EntryJson.write(entry.metadata())).contains("\"n\":\"Infinity\"");
    }

    @Test
    void refusalsOfReaderAndProcessorComeTogetherInTheirOrder() {
        LogBatchReader.Read read = LogBatchReader.read(
                ("{\"entries\":[" + GOOD + ",1," + GOOD.replace("planner", "critic") + "," + GOOD + ",2]}")
                        .getBytes(UTF_8),
                entry -> {
                    if (entry.agentId().equals("critic")) {
                        throw new IllegalArgumentException("not that one");
                    }
                    return entry;
                });

        Receipt receipt = read.receipt(new Receipt(1, List.of(new Receipt.Refusal(1, "too late"))));

        assertThat(receipt.accepted()).isEqualTo(1);
        assertThat(receipt.refused()).extracting(Receipt.Refusal::index).containsExactly(1, 2, 3, 4);
        assertThat(receipt.refused().get(2).problem()).isEqualTo("too late");
    }

    private static LogBatchReader.Read read(String json) {
        return LogBatchReader.read(json.getBytes(UTF_8), entry -> entry);
    }
}
