package dev.interlock;

import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What follows for a circuit, and for what is known of the store, where this process and others differ. */
class AgreementsTest {
    private static final long GENERATION = 3;
    private static final long FAR = 9L << 40;
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final CircuitId UNKNOWN = CircuitId.of("unknown");

    private final Lab lab = new Lab();
    private final CircuitBreaker circuit = lab.circuit;
    private final List<CircuitBreaker> rewritten = new ArrayList<>();
    private final Agreements agreements =
            new Agreements(new StoredCircuits(lab.circuits.registry(), null), GENERATION, true, rewritten::add);

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    // What is known of the store.

    @Test
    void at_first_nothing_is_stored() {
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
        assertThat(basisOfEpoch()).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    @Test
    void what_was_written_is_what_the_next_change_builds_on() {
        lab.trip();
        assertThat(basisOfEpoch()).as("not written yet").isNull();
        agreements.wrote(record("open", circuit.epoch()));
        assertThat(agreements.basis(AGENT)).isEqualTo(circuit.epoch());
        assertThat(basisOfEpoch()).isEqualTo(circuit.epoch());
    }

    @Test
    void a_circuit_that_came_from_the_store_follows_its_record() {
        lab.trip();
        agreements.follows(circuit, record("open", 7));
        assertThat(agreements.basis(AGENT)).isEqualTo(7);
        assertThat(basisOfEpoch()).isEqualTo(7);
    }

    @Test
    void one_that_came_from_this_process_alone_wins_over_nothing() {
        lab.trip();
        agreements.begins(circuit);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
        assertThat(basisOfEpoch()).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
        agreements.hear(record("half_open", FAR), true);
        assertThat(agreements.basis(AGENT)).isEqualTo(FAR);
    }

    @Test
    void what_is_stored_of_a_forgotten_circuit_is_forgotten_unless_it_will_be_written_over() {
        agreements.follows(circuit, record("closed", 7));
        lab.trip();
        agreements.forget(circuit);
        assertThat(agreements.basis(AGENT)).as("its trip is not written").isEqualTo(7);
        agreements.follows(circuit, record("open", 8));
        agreements.forget(circuit);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    @Test
    void once_its_last_note_is_written_it_is_forgotten_unless_there_is_a_successor() {
        agreements.follows(circuit, record("closed", 7));
        agreements.wroteEvicted(AGENT);
        assertThat(agreements.basis(AGENT)).isEqualTo(7);
        lab.circuits.forget(AGENT);
        agreements.wroteEvicted(AGENT);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    // Another was first to write.

    @Test
    void the_winner_begins_again_above_the_other_and_agrees_with_nothing_until_it_is_written() {
        lab.override(OverrideAction.HOLD_OPEN);
        lab.pass(seconds(5));
        assertThat(givesWay(record("open", FAR), override())).isFalse();
        assertThat(circuit.epoch()).isEqualTo(FAR + 1);
        assertThat(changedAt()).isEqualTo(lab.time.wallTime());
        assertThat(agreements.basis(AGENT)).isEqualTo(FAR);
        assertThat(basisOfEpoch()).isNull();
    }

    @Test
    void what_a_store_gets_again_keeps_its_time() {
        lab.override(OverrideAction.HOLD_OPEN);
        Instant held = lab.time.wallTime();
        lab.pass(seconds(5));
        assertThat(givesWay(record("open", FAR, held.minusSeconds(60)), Note.again()))
                .isFalse();
        assertThat(circuit.epoch()).isEqualTo(FAR + 1);
        assertThat(changedAt()).isEqualTo(held);
    }

    @Test
    void an_override_of_a_time_alone_counts_as_given_then_but_not_before_the_record_below_it() {
        lab.override(OverrideAction.HOLD_OPEN);
        Instant given = lab.time.wallTime();
        Note alone = override().detached();
        lab.pass(seconds(5));
        assertThat(givesWay(record("open", 7, given.minusSeconds(1)), alone)).isFalse();
        assertThat(changedAt()).isEqualTo(given);
        assertThat(circuit.epoch()).as("above it already").isLessThan(FAR);

        long before = circuit.epoch();
        assertThat(givesWay(record("open", 8, given.plusSeconds(3)), alone)).isFalse();
        assertThat(changedAt()).isEqualTo(given.plusSeconds(3));
        assertThat(circuit.epoch()).as("others must see another time").isEqualTo(before + 1);
        assertThat(givesWay(record("open", FAR, given), alone)).isFalse();
        assertThat(changedAt()).isEqualTo(given.plusSeconds(3));
        assertThat(circuit.epoch()).isEqualTo(FAR + 1);
    }

    @Test
    void an_override_after_a_move_of_a_time_alone_counts_as_given_at_the_move() {
        lab.override(OverrideAction.OPEN);
        Note alone = override().detached();
        lab.pass(seconds(60));
        lab.begin().succeed();
        Instant tried = changedAt();
        assertThat(givesWay(record("open", 7, tried.minusSeconds(60)), alone)).isFalse();
        assertThat(changedAt()).isEqualTo(tried);
    }

    @Test
    void what_gives_way_becomes_the_other() {
        lab.trip();
        assertThat(givesWay(record("open", FAR), moved())).isTrue();
        assertThat(circuit.epoch()).isEqualTo(FAR);
        assertThat(agreements.basis(AGENT)).isEqualTo(FAR);
        assertThat(basisOfEpoch()).isEqualTo(FAR);
    }

    @Test
    void what_has_moved_again_is_left_to_its_next_note_and_if_it_was_forgotten_its_successor_hears() {
        lab.trip();
        Note trip = moved();
        CircuitRecord ours = ours();
        lab.override(OverrideAction.RESET);
        long reset = circuit.epoch();
        assertThat(agreements.givesWay(circuit, ours, record("open", FAR), trip))
                .isTrue();
        assertThat(circuit.epoch()).isEqualTo(reset);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);

        agreements.follows(circuit, record("closed", 7));
        lab.circuits.forget(AGENT);
        assertThat(agreements.givesWay(circuit, ours, record("open", FAR), trip))
                .isTrue();
        assertThat(lab.circuits.getOrCreate(AGENT).epoch()).isEqualTo(FAR);
        assertThat(agreements.basis(AGENT)).isEqualTo(FAR);
    }

    // The others can be asked again.

    @Test
    void on_return_ours_becomes_what_is_stored() {
        lab.trip();
        assertThat(yields(record("open", FAR), false)).isTrue();
        assertThat(circuit.epoch()).isEqualTo(FAR);
        assertThat(basisOfEpoch()).isEqualTo(FAR);
    }

    @Test
    void on_return_a_circuit_of_which_nothing_is_stored_closes() {
        lab.trip();
        assertThat(yields(null, false)).isTrue();
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(basisOfEpoch()).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    @Test
    void on_return_a_write_whose_answer_was_lost_is_followed() {
        lab.trip();
        long epoch = circuit.epoch();
        assertThat(yields(ours(), false)).isTrue();
        assertThat(circuit.epoch()).isEqualTo(epoch);
        assertThat(basisOfEpoch()).isEqualTo(epoch);
    }

    @Test
    void on_return_to_a_store_that_has_forgotten_ours_begins_again_and_is_written_over_nothing() {
        agreements.follows(circuit, record("closed", 7));
        lab.trip();
        long epoch = circuit.epoch();
        assertThat(yields(null, true)).isFalse();
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuit.epoch()).isEqualTo(epoch + 1);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    // News.

    @Test
    void an_unknown_circuit_is_taken_in_unless_it_is_closed_and_clean() {
        agreements.hear(record("unknown", "closed", FAR, lab.time.wallTime()), false);
        assertThat(lab.circuits.contains(UNKNOWN)).isFalse();
        agreements.hear(record("unknown", "open", FAR, lab.time.wallTime()), false);
        assertThat(lab.circuits.snapshot(UNKNOWN).state()).isEqualTo(CircuitState.OPEN);
        assertThat(lab.lastHeard().from()).isEqualTo(CircuitState.CLOSED);
        assertThat(agreements.basis(UNKNOWN)).isEqualTo(FAR);
    }

    @Test
    void ours_wins_over_an_older_time_and_is_written_again_above_it() {
        lab.trip();
        agreements.follows(circuit, record("open", 7));
        Instant tripped = changedAt();
        agreements.hear(record("closed", FAR, tripped.minusSeconds(60)), true);
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuit.epoch()).isEqualTo(FAR + 1);
        assertThat(changedAt()).isEqualTo(tripped);
        assertThat(agreements.basis(AGENT)).isEqualTo(FAR);
        assertThat(basisOfEpoch()).isNull();
        assertThat(rewritten).containsExactly(circuit);
    }

    @Test
    void a_lower_number_of_an_older_time_does_not_lower_ours() {
        lab.trip();
        agreements.follows(circuit, record("open", 7));
        long epoch = circuit.epoch();
        assertThat(epoch).isGreaterThan(8);
        agreements.hear(record("closed", 8, changedAt().minusSeconds(60)), true);
        assertThat(circuit.epoch()).isEqualTo(epoch + 1);
        assertThat(rewritten).containsExactly(circuit);
    }

    @Test
    void the_same_record_ends_the_cooldown_as_early_as_it_says() {
        lab.trip();
        agreements.follows(circuit, record("open", 7));
        long epoch = circuit.epoch();
        agreements.hear(record("open", 7), false);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(seconds(30));
        assertThat(circuit.epoch()).isEqualTo(epoch);
        assertThat(rewritten).isEmpty();
    }

    @Test
    void an_older_message_changes_nothing() {
        lab.trip();
        agreements.follows(circuit, record("open", 7));
        agreements.hear(record("open", 6), false);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(seconds(60));
        assertThat(agreements.basis(AGENT)).isEqualTo(7);
    }

    // Nothing is stored.

    @Test
    void what_the_store_has_forgotten_begins_again_and_is_written_again() {
        lab.trip();
        agreements.follows(circuit, record("open", 7));
        long epoch = circuit.epoch();
        Instant tripped = changedAt();
        lab.pass(seconds(5));
        agreements.missing(AGENT);
        assertThat(circuit.epoch()).isEqualTo(epoch + 1);
        assertThat(changedAt()).isEqualTo(tripped);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
        assertThat(rewritten).containsExactly(circuit);
    }

    @Test
    void what_is_closed_and_clean_need_not_be_written_again() {
        agreements.follows(circuit, record("closed", 7));
        agreements.missing(AGENT);
        assertThat(agreements.basis(AGENT)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
        assertThat(basisOfEpoch()).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
        assertThat(rewritten).isEmpty();
    }

    @Test
    void what_was_never_stored_or_is_unknown_is_not_missed() {
        lab.trip();
        agreements.missing(AGENT);
        agreements.missing(UNKNOWN);
        assertThat(rewritten).isEmpty();
        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    private @Nullable Long basisOfEpoch() {
        return agreements.basis(AGENT, circuit.current());
    }

    private boolean givesWay(CircuitRecord first, Note note) {
        return agreements.givesWay(circuit, ours(), first, note);
    }

    private boolean yields(@Nullable CircuitRecord theirs, boolean forgotten) {
        return agreements.yields(circuit, moved().detached(), theirs, forgotten);
    }

    private CircuitRecord ours() {
        CircuitSnapshot now = circuit.snapshot();
        return CircuitRecords.of(now, lab.time.wallTime(), circuit.cooldownLeft(now), GENERATION);
    }

    private Instant changedAt() {
        return Objects.requireNonNull(circuit.snapshot().lastTransition()).at();
    }

    private Note moved() {
        return Note.of(
                CircuitRecords.of(Objects.requireNonNull(circuit.snapshot().lastTransition())));
    }

    private Note override() {
        TransitionRecord line = moved().lines().get(0);
        assertThat(line.isOverride()).isTrue();
        return Note.of(line).and(Note.of(new CompletableFuture<>()));
    }

    private CircuitRecord record(String state, long epoch) {
        return record(state, epoch, lab.time.wallTime());
    }

    private static CircuitRecord record(String state, long epoch, Instant changedAt) {
        return record("agent", state, epoch, changedAt);
    }

    /** One that cools down for 30 s. */
    private static CircuitRecord record(String name, String state, long epoch, Instant changedAt) {
        boolean open = state.equals("open");
        return new CircuitRecord(
                "default",
                name,
                state,
                epoch,
                5,
                0,
                5,
                1,
                0,
                null,
                changedAt,
                open ? changedAt : null,
                open ? changedAt.plusSeconds(30) : null,
                false,
                null,
                null,
                null,
                "default",
                77);
    }
}
