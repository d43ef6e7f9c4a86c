package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.GateRecord;
import dev.interlock.store.OpeningRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records and gates as Redis has them come back as they were. */
class RecordCodecTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final Skew skew = new Skew();
    private final RecordCodec codec = new RecordCodec(skew);
    private final GateCodec gates = new GateCodec(skew);

    @Test
    void a_record_comes_back_with_all_that_it_had() {
        OpeningRecord opening = new OpeningRecord("override", "TIMEOUT", "ada", "of a test");
        assertThat(codec.record(codec.fields(full(opening)))).isEqualTo(full(opening));
    }

    @Test
    void a_record_comes_back_without_what_it_had_not() {
        assertThat(codec.record(codec.fields(full(null)))).isEqualTo(full(null));
        assertThat(codec.record(codec.fields(bare()))).isEqualTo(bare());
        assertThat(codec.fields(bare())).doesNotContain("actor", "opened", "opening_cause");
    }

    @Test
    void times_go_by_the_clock_of_redis() {
        skew.answered(NOON, 1_000_000 * NOON.plusSeconds(3_600).getEpochSecond(), NOON);
        Map<String, String> fields = RecordCodec.fields(codec.fields(full(null)));
        assertThat(Long.parseLong(fields.get("changed")) / 1_000_000
                        - NOON.plusSeconds(2).getEpochSecond())
                .isBetween(3_599L, 3_600L);
        assertThat(codec.record(fields)).isEqualTo(full(null));
    }

    @Test
    void where_there_is_nothing_there_is_no_record() {
        assertThat(codec.record(Map.of())).isNull();
        assertThat(codec.record(List.of())).isNull();
    }

    @Test
    void what_is_no_record_is_refused_with_the_field_that_it_lacks() {
        assertThatThrownBy(() -> codec.record(List.of("organization", "default", "name", "planner")))
                .hasMessageContaining("no field 'state'");
    }

    @Test
    void epochs_compare_as_texts_as_they_do_as_numbers() {
        assertThat(RecordCodec.epoch(7)).hasSize(19).isLessThan(RecordCodec.epoch(10));
        assertThat(RecordCodec.epoch(0)).isEqualTo("0".repeat(19));
        assertThat(RecordCodec.epoch(-1)).isEqualTo("-1");
        assertThat(RecordCodec.epoch(RecordCodec.epoch(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
        assertThat(RecordCodec.epoch("none")).isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "two\nlines", "\n", "\\", "\\n", "\\\\n", "ends with \\", "a\n\\\nb"})
    void any_text_comes_back_from_a_message(String text) {
        assertThat(RecordCodec.texts(RecordCodec.message(List.of("before", text, "after"))))
                .containsExactly("before", text, "after");
    }

    @Test
    void a_message_is_a_line_a_text() {
        assertThat(RecordCodec.message(List.of("a", "b\nc\\"))).isEqualTo("a\nb\\nc\\\\\n");
        assertThat(RecordCodec.message(List.of())).isEmpty();
    }

    @Test
    void a_message_that_was_cut_off_loses_its_last_text_alone() {
        assertThat(RecordCodec.texts("whole\ncut")).containsExactly("whole");
        assertThat(RecordCodec.texts("whole\ncut\\")).containsExactly("whole");
    }

    @Test
    void a_field_without_a_value_is_left_out() {
        assertThat(RecordCodec.fields(List.of("one", "1", "two"))).containsExactly(Map.entry("one", "1"));
    }

    @Test
    void a_gate_comes_back_with_all_that_it_had() {
        GateRecord.Removal removal = new GateRecord.Removal("ada", "it works again", NOON.plusSeconds(7));
        GateRecord gate = gate("planner-*", "of a test", NOON.plusSeconds(60), removal);
        assertThat(gates.record(gates.message(gate))).isEqualTo(gate);
    }

    @Test
    void a_gate_comes_back_without_what_it_had_not() {
        GateRecord gate = gate(null, null, null, null);
        assertThat(gates.record(gates.message(gate))).isEqualTo(gate);
    }

    @Test
    void the_message_of_a_gate_begins_with_its_version_by_which_scripts_compare() {
        assertThat(gates.message(gate(null, null, null, null))).startsWith("5\n");
    }

    private static GateRecord gate(
            @Nullable String pattern,
            @Nullable String reason,
            @Nullable Instant until,
            GateRecord.@Nullable Removal removal) {
        return new GateRecord("acme", "stop", 5, "stamp", "organization", pattern, "ada", reason, NOON, until, removal);
    }

    private static CircuitRecord full(@Nullable OpeningRecord opening) {
        return new CircuitRecord(
                "acme",
                "planner",
                "open",
                9L << 32,
                1,
                2,
                3,
                4,
                5,
                NOON.plusSeconds(1),
                NOON.plusSeconds(2),
                NOON.plusSeconds(3),
                NOON.plusSeconds(4),
                true,
                NOON.plusSeconds(5),
                "ada",
                "of a test",
                "upstream",
                6,
                opening);
    }

    private static CircuitRecord bare() {
        return new CircuitRecord(
                "acme", "planner", "closed", 1, 0, 0, 0, 0, 0, null, NOON, null, null, false, null, null, null,
                "default", 0);
    }
}
