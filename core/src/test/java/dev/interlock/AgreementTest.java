package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Agreement.Answer;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who gives way to whom where this process and what is stored differ. */
class AgreementTest {
    private static final long GENERATION = 3;
    private static final Duration CLOCKS_APART = Duration.ofMillis(250);

    private final Lab lab = new Lab();
    private final Epoch fresh = lab.circuit.current();

    // What agrees.

    @Test
    void a_new_circuit_agrees_with_a_store_that_has_nothing_of_it() {
        assertThat(Agreement.isSettled(null, fresh)).isTrue();
        assertThat(Agreement.basis(null, fresh)).isEqualTo(CircuitChange.CLOSED_AND_CLEAN);
    }

    @Test
    void what_has_happened_here_agrees_with_nothing_until_it_is_written() {
        Epoch open = opened();
        Agreement earlier = new Agreement(7, open.origin.epoch - 1);
        assertThat(Agreement.isSettled(null, open)).isFalse();
        assertThat(Agreement.isSettled(earlier, open)).isFalse();
        assertThat(Agreement.basis(earlier, open)).isNull();

        Agreement written = new Agreement(7, open.origin.epoch);

        assertThat(Agreement.isSettled(written, open)).isTrue();
        assertThat(Agreement.basis(written, open)).isEqualTo(7);
        assertThat(Agreement.storedEpoch(written)).isEqualTo(7);
    }

    @Test
    void a_circuit_that_is_made_again_agrees_with_what_is_stored_of_the_one_before() {
        Epoch successor = new ClosedEpoch(Origin.birth(9, 0));
        assertThat(Agreement.isSettled(new Agreement(7, 8), successor)).isTrue();
        assertThat(Agreement.isSettled(new Agreement(7, 10), successor)).isFalse();
        assertThat(Agreement.isSettled(new Agreement(7, Agreement.UNWRITTEN), successor))
                .as("what is stored will be written over")
                .isFalse();
    }

    // Another was first to write.

    @Test
    void an_override_wins_over_whatever_was_first() {
        assertThat(atWriting(override(now()), theirs("open", 7))).isEqualTo(Answer.STAND);
        assertThat(atWriting(override(now()), theirs("closed", 7))).isEqualTo(Answer.STAND);
    }

    @Test
    void an_override_of_a_time_alone_gives_way_to_a_later_one_of_a_person() {
        Note alone = override(now()).detached();
        assertThat(atWriting(alone, byAda(now().plusNanos(1)))).isEqualTo(Answer.ADOPT);
        assertThat(atWriting(alone, byAda(now()))).isEqualTo(Answer.STAND);
        assertThat(atWriting(alone, theirs("open", 7, now().plusSeconds(1)))).isEqualTo(Answer.STAND);
        assertThat(atWriting(override(now()), byAda(now().plusNanos(1)))).isEqualTo(Answer.STAND);
    }

    @Test
    void of_two_automatic_moves_the_first_wins() {
        assertThat(atWriting(automatic("closed", "open"), theirs("open", 7))).isEqualTo(Answer.ADOPT);
        assertThat(atWriting(automatic("half_open", "closed"), theirs("closed", 7)))
                .isEqualTo(Answer.ADOPT);
    }

    @Test
    void what_has_moved_again_meanwhile_is_left_to_its_next_note() {
        Epoch moved = opened();
        CircuitRecord ours = record("open", moved.origin.epoch - 1, now(), null, GENERATION);
        assertThat(Agreement.atWriting(automatic("closed", "open"), ours, theirs("open", 7), moved, false))
                .isEqualTo(Answer.DROP);
    }

    /** The writer takes a note, the circuit moves, and the writer reads its state: what is then written has more than the note. */
    @Test
    void a_move_that_its_note_does_not_have_is_left_to_its_next_note() {
        Epoch moved = opened();
        long epoch = moved.origin.epoch;
        CircuitRecord ours = record("open", epoch, now(), null, GENERATION);
        CircuitRecord first = theirs("half_open", 7);
        Note before = automatic("open", "half_open", epoch - 1);
        Note move = automatic("half_open", "open", epoch);

        assertThat(Agreement.atWriting(before, ours, first, moved, false)).isEqualTo(Answer.DROP);
        assertThat(Agreement.atWriting(before.and(move).detached(), ours, first, moved, false))
                .as("all of it")
                .isEqualTo(Answer.ADOPT);
        assertThat(Agreement.atWriting(Note.of(new CompletableFuture<>()), ours, first, moved, false))
                .as("nothing new")
                .isEqualTo(Answer.ADOPT);
        lab.circuit.raise(epoch + 10, null);
        Epoch raised = lab.circuit.current();
        assertThat(Agreement.atWriting(
                        before, record("open", raised.origin.epoch, now(), null, GENERATION), first, raised, false))
                .as("one that was only raised above another has no note of its own")
                .isEqualTo(Answer.ADOPT);
    }

    @Test
    void a_trip_wins_over_news_of_a_closing_but_not_one_of_a_time_alone() {
        Note trip = automatic("closed", "open");
        assertThat(atWriting(trip, theirs("closed", 7))).isEqualTo(Answer.STAND);
        assertThat(atWriting(trip.detached(), theirs("closed", 7))).isEqualTo(Answer.ADOPT);
    }

    @Test
    void a_failed_trial_wins_over_a_beginning_of_trials_but_not_one_of_a_time_alone() {
        Note reopening = automatic("half_open", "open");
        assertThat(atWriting(reopening, theirs("half_open", 7))).isEqualTo(Answer.STAND);
        assertThat(atWriting(reopening, theirs("open", 7))).isEqualTo(Answer.ADOPT);
        assertThat(atWriting(reopening.detached(), theirs("half_open", 7))).isEqualTo(Answer.ADOPT);
        assertThat(atWriting(automatic("open", "half_open"), theirs("half_open", 7)))
                .isEqualTo(Answer.ADOPT);
        assertThat(atWriting(
                        automatic("closed", "open").and(automatic("half_open", "open", 2)), theirs("half_open", 7)))
                .as("a circuit that was closed before")
                .isEqualTo(Answer.ADOPT);
    }

    @Test
    void what_a_store_gets_again_wins_over_what_is_older_where_one_clock_says_so() {
        CircuitRecord older = theirs("open", 7, now().minus(CLOCKS_APART).minusNanos(1));
        assertThat(atWriting(Note.again(), older, true)).isEqualTo(Answer.STAND);
        assertThat(atWriting(Note.again(), older, false)).isEqualTo(Answer.ADOPT);
        assertThat(atWriting(Note.again(), theirs("open", 7, now().minus(CLOCKS_APART)), true))
                .as("clocks may be so far apart")
                .isEqualTo(Answer.ADOPT);
        assertThat(atWriting(automatic("closed", "open"), older, true)).isEqualTo(Answer.ADOPT);
    }

    // The others can be asked again.

    @Test
    void on_return_ours_gives_way_to_what_the_others_have() {
        Epoch open = opened();
        Note note = automatic("closed", "open").detached();
        long epoch = open.origin.epoch;
        assertThat(onReturn(note, record("open", epoch, now(), null, 99), open)).isEqualTo(Answer.ADOPT);
        assertThat(onReturn(note, record("open", epoch + 1, now(), null, GENERATION), open))
                .isEqualTo(Answer.ADOPT);
        assertThat(onReturn(note, record("open", epoch, now(), null, GENERATION), open))
                .as("it was written, but the answer was lost")
                .isEqualTo(Answer.FOLLOW);
    }

    @Test
    void on_return_ours_gives_way_to_nothing_unless_the_store_may_have_lost_it() {
        Epoch open = opened();
        Note note = automatic("closed", "open").detached();
        assertThat(onReturn(note, null, open)).isEqualTo(Answer.ADOPT);
        assertThat(onReturn(note.withoutAnswer(), null, open)).isEqualTo(Answer.STAND);
        assertThat(Agreement.onReturn(null, note, null, open, true, GENERATION)).isEqualTo(Answer.STAND);
        assertThat(Agreement.onReturn(new Agreement(7, 7), note, null, open, false, GENERATION))
                .isEqualTo(Answer.STAND);
    }

    // News.

    @Test
    void news_wait_while_something_of_ours_is_not_written() {
        Epoch open = opened();
        assertThat(Agreement.onNews(null, theirs("open", 7), open, true, true)).isEqualTo(Answer.DROP);
    }

    @Test
    void a_circuit_of_which_nothing_was_known_becomes_what_is_stored() {
        assertThat(Agreement.onNews(null, theirs("open", 7), fresh, false, false))
                .isEqualTo(Answer.ADOPT);
    }

    @Test
    void a_newer_record_is_adopted_the_same_one_followed_and_an_older_message_dropped() {
        Epoch open = opened();
        assertThat(news(8, open, false, false)).isEqualTo(Answer.ADOPT);
        assertThat(news(7, open, false, false)).isEqualTo(Answer.FOLLOW);
        assertThat(news(6, open, false, false)).isEqualTo(Answer.DROP);
        assertThat(news(6, open, true, false)).as("of clocks that differ").isEqualTo(Answer.DROP);
        assertThat(news(6, open, false, true)).as("of a message").isEqualTo(Answer.DROP);
    }

    @Test
    void of_a_store_that_has_forgotten_an_older_record_is_adopted_as_well_if_it_was_read() {
        assertThat(news(6, opened(), true, true)).isEqualTo(Answer.ADOPT);
    }

    @Test
    void another_epoch_of_the_same_number_is_adopted_if_it_was_read() {
        Epoch open = opened();
        Agreement agreement = new Agreement(7, open.origin.epoch);
        assertThat(Agreement.onNews(agreement, theirs("closed", 7), open, true, true))
                .isEqualTo(Answer.ADOPT);
        assertThat(Agreement.onNews(agreement, theirs("closed", 7), open, false, true))
                .isEqualTo(Answer.FOLLOW);
        assertThat(Agreement.onNews(agreement, theirs("closed", 7), open, true, false))
                .isEqualTo(Answer.FOLLOW);
        assertThat(Agreement.onNews(agreement, theirs("open", 7), open, true, true))
                .isEqualTo(Answer.FOLLOW);
    }

    @Test
    void ours_wins_over_a_higher_number_of_an_earlier_time() {
        Epoch open = opened();
        Agreement agreement = new Agreement(7, open.origin.epoch);
        CircuitRecord older = theirs("closed", 8, now().minus(CLOCKS_APART).minusNanos(1));
        assertThat(Agreement.onNews(agreement, older, open, true, true)).isEqualTo(Answer.STAND);
        assertThat(Agreement.onNews(agreement, older, open, true, false)).isEqualTo(Answer.ADOPT);
        CircuitRecord sameTime = theirs("closed", 8, now().minus(CLOCKS_APART));
        assertThat(Agreement.onNews(agreement, sameTime, open, true, true)).isEqualTo(Answer.ADOPT);
    }

    @Test
    void what_has_never_moved_here_wins_over_nothing() {
        CircuitRecord older = theirs("open", 8, now().minusSeconds(60));
        assertThat(Agreement.onNews(new Agreement(7, fresh.origin.epoch), older, fresh, true, true))
                .isEqualTo(Answer.ADOPT);
    }

    // Nothing is stored.

    @Test
    void what_the_store_has_forgotten_is_written_again_unless_it_is_closed_and_clean() {
        Epoch open = opened();
        assertThat(Agreement.onMissing(new Agreement(7, open.origin.epoch), open))
                .isEqualTo(Answer.STAND);
        assertThat(Agreement.onMissing(new Agreement(7, fresh.origin.epoch), fresh))
                .isEqualTo(Answer.FOLLOW);
    }

    @Test
    void what_was_never_stored_is_not_missing() {
        Epoch open = opened();
        assertThat(Agreement.onMissing(null, open)).isEqualTo(Answer.DROP);
        assertThat(Agreement.onMissing(new Agreement(7, open.origin.epoch - 1), open))
                .isEqualTo(Answer.DROP);
    }

    // Notes.

    @Test
    void a_note_keeps_each_override_and_the_newest_other_line_with_the_number_of_those_before() {
        Note note = automatic("closed", "open", 1)
                .and(automatic("open", "half_open", 2))
                .and(override(now()))
                .and(automatic("half_open", "open", 4));

        assertThat(note.lines()).extracting(TransitionRecord::epoch).containsExactly(3L, 4L);
        assertThat(note.lines()).extracting(TransitionRecord::skipped).containsExactly(0, 2);
        assertThat(note.hasOverrides()).isTrue();
    }

    @Test
    void of_two_notes_that_have_skipped_lines_the_newer_line_stays_and_counts_all_others() {
        Note older = automatic("closed", "open", 1).and(automatic("open", "half_open", 2));
        Note newer = automatic("half_open", "open", 3).and(automatic("open", "half_open", 4));
        for (Note both : new Note[] {older.and(newer), newer.and(older)}) {
            assertThat(both.lines()).singleElement().satisfies(line -> {
                assertThat(line.epoch()).isEqualTo(4);
                assertThat(line.skipped()).isEqualTo(3);
            });
        }
    }

    @Test
    void two_threads_may_note_their_moves_in_either_order() {
        Note note = automatic("open", "half_open", 2).and(automatic("closed", "open", 1));
        assertThat(note.lines())
                .singleElement()
                .satisfies(line -> assertThat(line.epoch()).isEqualTo(2))
                .satisfies(line -> assertThat(line.skipped()).isEqualTo(1));
        assertThat(note.fromClosed()).isTrue();
    }

    @Test
    void what_is_known_of_one_of_two_notes_is_known_of_both() {
        CompletableFuture<Boolean> waits = new CompletableFuture<>();
        Note plain = automatic("open", "half_open", 2);
        for (Note both : new Note[] {plain.and(Note.again()), Note.again().and(plain)}) {
            assertThat(both.refills()).isTrue();
            assertThat(both.automatic()).isEqualTo(plain.automatic());
        }
        assertThat(plain.and(plain.detached()).whileDetached()).isTrue();
        assertThat(plain.and(plain.withoutAnswer()).unanswered()).isTrue();
        assertThat(plain.and(automatic("closed", "open", 1)).fromClosed()).isTrue();
        assertThat(Note.of(waits).and(plain).waiting()).containsExactly(waits);
        assertThat(plain.and(Note.of(waits)).and(Note.of(waits)).waiting()).containsExactly(waits, waits);
        assertThat(plain.and(plain).whileDetached()).isFalse();
        assertThat(plain.and(plain).refills()).isFalse();
        assertThat(plain.and(plain).unanswered()).isFalse();
    }

    @Test
    void of_a_note_that_was_taken_without_an_answer_what_came_since_is_left() {
        Note first = override(now());
        Note asked = first.withoutAnswer();
        Note more = asked.and(override(now().plusSeconds(1)).and(automatic("open", "half_open", 9)));
        assertThat(asked.taken().lines()).isEmpty();
        assertThat(asked.taken().unanswered()).isFalse();
        assertThat(more.withoutAnswer().taken().lines())
                .as("a second write that had no answer takes nothing more out")
                .isEqualTo(more.taken().lines())
                .hasSize(2);
        assertThat(first.taken()).isSameAs(first);

        Note moved = automatic("closed", "open", 2).withoutAnswer().and(automatic("open", "half_open", 3));
        assertThat(moved.lines())
                .singleElement()
                .satisfies(line -> assertThat(line.skipped()).isEqualTo(1));
        Note left = moved.taken();
        assertThat(left.lines()).singleElement().satisfies(line -> {
            assertThat(line.to()).isEqualTo("half_open");
            assertThat(line.skipped()).as("it is there").isZero();
        });
        assertThat(left.fromClosed()).isFalse();
    }

    @Test
    void only_what_a_circuit_did_by_itself_while_alone_gives_way_on_return() {
        Note alone = automatic("closed", "open").detached();
        assertThat(alone.givesWayOnReturn()).isTrue();
        assertThat(automatic("closed", "open").givesWayOnReturn()).isFalse();
        assertThat(alone.and(override(now())).givesWayOnReturn()).isFalse();
        assertThat(alone.and(Note.again()).givesWayOnReturn()).isFalse();
        assertThat(Note.of(new CompletableFuture<>()).detached().givesWayOnReturn())
                .isFalse();
    }

    private Epoch opened() {
        lab.trip();
        return lab.circuit.current();
    }

    private Instant now() {
        return lab.time.wallTime();
    }

    private Answer atWriting(Note note, CircuitRecord first) {
        return atWriting(note, first, false);
    }

    private Answer atWriting(Note note, CircuitRecord first, boolean oneClock) {
        CircuitRecord ours = record("open", fresh.origin.epoch, now(), null, GENERATION);
        return Agreement.atWriting(note, ours, first, fresh, oneClock);
    }

    private static Answer onReturn(Note note, @Nullable CircuitRecord theirs, Epoch present) {
        return Agreement.onReturn(null, note, theirs, present, false, GENERATION);
    }

    /** News of an open circuit to one that agrees with epoch 7. */
    private Answer news(long epoch, Epoch present, boolean read, boolean oneClock) {
        Agreement agreement = new Agreement(7, present.origin.epoch);
        return Agreement.onNews(agreement, theirs("open", epoch), present, read, oneClock);
    }

    private Note automatic(String from, String to) {
        return automatic(from, to, 1);
    }

    private Note automatic(String from, String to, long epoch) {
        return Note.of(line(from, to, epoch, now(), null));
    }

    private static Note override(Instant at) {
        return Note.of(line("closed", "open", 3, at, "open"));
    }

    private static TransitionRecord line(String from, String to, long epoch, Instant at, @Nullable String action) {
        return new TransitionRecord(
                "default",
                "agent",
                epoch,
                from,
                to,
                at,
                "failure_streak",
                action,
                false,
                null,
                null,
                0,
                0,
                0,
                false,
                null,
                null,
                null,
                0);
    }

    private CircuitRecord theirs(String state, long epoch) {
        return theirs(state, epoch, now());
    }

    private static CircuitRecord theirs(String state, long epoch, Instant changedAt) {
        return record(state, epoch, changedAt, null, 99);
    }

    private static CircuitRecord byAda(Instant at) {
        return record("open", 7, at, "ada", 99);
    }

    private static CircuitRecord record(
            String state, long epoch, Instant changedAt, @Nullable String actor, long writer) {
        return new CircuitRecord(
                "default", "agent", state, epoch, 0, 0, 0, 0, 0, null, changedAt, null, null, false, null, actor, null,
                "default", writer);
    }
}
