package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A call whose answer comes in pieces: its limits, and its one end. */
class StreamPermitTest {
    private static final StreamLimits LIMITS = StreamLimits.none()
            .firstPiece(seconds(30))
            .betweenPieces(seconds(10))
            .total(seconds(100));

    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final List<String> cancelled = new ArrayList<>();
    private final List<String> informed = new ArrayList<>();
    private final int timers = lab.circuits.engine().timers.size();

    /** Everything that ends a stream, and what that counts as. */
    enum End {
        COMPLETE(1, 0, false, (stream, lab) -> stream.complete()),
        EMPTY(1, 1, false, (stream, lab) -> stream.complete(Outcome.failure(FailureKind.EMPTY_RESPONSE))),
        FAILURE(1, 1, false, (stream, lab) -> stream.fail(new IOException("cut off"))),
        CANCEL(0, 0, true, (stream, lab) -> stream.cancel()),
        CONSUMER(1, 1, true, (stream, lab) -> stream.consumerFailed(new IllegalStateException("full"))),
        CLOSE(1, 1, true, (stream, lab) -> stream.close()),
        LIMIT(1, 1, true, (stream, lab) -> lab.pass(seconds(10))),
        MANAGER(0, 0, true, (stream, lab) -> lab.circuits.close());

        private final int calls;
        private final int failures;
        private final boolean cancels;
        private final java.util.function.BiConsumer<StreamPermit, Lab> end;

        End(int calls, int failures, boolean cancels, java.util.function.BiConsumer<StreamPermit, Lab> end) {
            this.calls = calls;
            this.failures = failures;
            this.cancels = cancels;
            this.end = end;
        }

        private boolean isOfALimit() {
            return this == LIMIT || this == MANAGER;
        }
    }

    private StreamPermit stream(StreamLimits limits) {
        return guard.stream(limits)
                .cancelWith(() -> cancelled.add("source"))
                .onTimeout(late -> informed.add(late.getMessage()));
    }

    static Stream<Arguments> pairs() {
        return Stream.of(End.values())
                .flatMap(first -> Stream.of(End.values()).map(second -> Arguments.of(first, second)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void the_first_of_two_ends_counts_and_the_second_changes_nothing(End first, End second) {
        StreamPermit stream = stream(LIMITS);
        stream.next();

        first.end.accept(stream, lab);
        second.end.accept(stream, lab);

        assertThat(stream.isEnded()).isTrue();
        assertThat(stream.next()).isFalse();
        assertThat(lab).hasCounted(first.calls, first.failures);
        assertThat(cancelled).hasSize(first.cancels ? 1 : 0);
        assertThat(informed).hasSize(first.isOfALimit() ? 1 : 0);
        assertThat(lab.circuits.engine().timers.size())
                .isEqualTo(lab.circuits.engine().timers.isClosed() ? 0 : timers);
    }

    @Test
    void only_the_method_that_ended_it_says_so() {
        StreamPermit stream = stream(LIMITS);

        assertThat(stream.complete()).isTrue();

        assertThat(stream.complete()).isFalse();
        assertThat(stream.complete(Outcome.success())).isFalse();
        assertThat(stream.fail(new IOException())).isFalse();
        assertThat(stream.cancel()).isFalse();
        assertThat(stream.consumerFailed(new IOException())).isFalse();
    }

    @Test
    void a_first_piece_that_does_not_come_is_a_timeout() {
        stream(LIMITS);

        lab.pass(seconds(29.999));
        assertThat(informed).isEmpty();
        lab.pass(seconds(0.001));

        assertThat(informed).containsExactly("No piece of the stream of agent within 30s");
        assertThat(cancelled).hasSize(1);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_limit_that_passes_is_the_models() {
        lab.circuits.guard("agent").dependingOn("model:m").stream(LIMITS);

        lab.pass(seconds(30));

        assertThat(lab.circuits.snapshot(CircuitId.of("model:m")).figures().failures())
                .isEqualTo(1);
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void each_piece_puts_the_limit_between_pieces_off() {
        StreamPermit stream = stream(LIMITS);
        for (int piece = 0; piece < 9; piece++) {
            lab.pass(seconds(9.999));
            assertThat(stream.next()).isTrue();
        }
        assertThat(informed).isEmpty();

        lab.pass(seconds(9.999));
        assertThat(informed).isEmpty();
        lab.pass(seconds(0.001));

        assertThat(informed).containsExactly("No further piece of the stream of agent within 10s");
    }

    @Test
    void a_piece_after_the_limit_was_put_off_is_not_late_by_the_limit_of_the_first() {
        StreamPermit stream = stream(StreamLimits.none().firstPiece(seconds(60)).betweenPieces(seconds(5)));
        lab.pass(seconds(1));
        stream.next();

        lab.pass(seconds(4.999));
        assertThat(informed).isEmpty();
        lab.pass(seconds(0.001));

        assertThat(informed).containsExactly("No further piece of the stream of agent within 5s");
    }

    @Test
    void a_stream_that_never_ends_is_a_timeout_in_all() {
        StreamPermit stream = stream(LIMITS);
        for (int piece = 0; piece < 99; piece++) {
            lab.pass(seconds(1));
            stream.next();
        }
        assertThat(informed).isEmpty();

        lab.pass(seconds(1));

        assertThat(informed).containsExactly("The stream of agent has not ended within 100s");
    }

    @Test
    void a_consumer_that_takes_its_time_is_no_fault_of_the_source() {
        Guard planner = lab.circuits.guard("agent").dependingOn("model:m");
        StreamPermit stream = planner.stream(LIMITS);
        stream.next();
        stream.pause();

        lab.pass(seconds(90));
        assertThat(stream.isEnded()).isFalse();
        stream.resume();
        lab.pass(seconds(9));
        stream.pause();
        lab.pass(seconds(1)); // 100 s in all, of which the source took 9

        assertThat(stream.isEnded()).isTrue();
        assertThat(lab).hasCounted(1, 1);
        assertThat(lab.circuits.snapshot(CircuitId.of("model:m")).figures().failures())
                .isZero();
    }

    @Test
    void limits_run_from_the_beginning_of_the_stream() {
        lab.pass(seconds(1000));
        StreamPermit first = stream(StreamLimits.none().firstPiece(seconds(30)));
        StreamPermit total = stream(StreamLimits.none().total(seconds(100)));

        lab.pass(seconds(29.999));
        assertThat(first.isEnded()).isFalse();
        lab.pass(seconds(0.001));
        assertThat(first.isEnded()).isTrue();
        lab.pass(seconds(69.999));
        assertThat(total.isEnded()).isFalse();
        lab.pass(seconds(0.001));
        assertThat(total.isEnded()).isTrue();
    }

    @Test
    void a_pause_is_one_whichever_limit_there_is() {
        for (StreamLimits limits : List.of(
                StreamLimits.none().firstPiece(seconds(5)), StreamLimits.none().betweenPieces(seconds(5)))) {
            StreamPermit stream = stream(limits);
            if (limits.firstPiece() == null) {
                stream.next();
            }
            stream.pause();
            lab.pass(seconds(60));
            assertThat(stream.isEnded()).isFalse();
            stream.resume();
            lab.pass(seconds(4.999));
            assertThat(stream.isEnded()).isFalse();
            lab.pass(seconds(0.001));
            assertThat(stream.isEnded()).isTrue();
        }
    }

    @Test
    void a_first_piece_that_is_asked_for_late_is_due_by_its_own_limit_also_where_that_between_pieces_is_longer() {
        StreamPermit stream = stream(StreamLimits.none().firstPiece(seconds(5)).betweenPieces(seconds(600)));
        stream.pause();
        lab.pass(seconds(7));
        stream.resume();
        lab.pass(seconds(5));

        assertThat(informed).containsExactly("No piece of the stream of agent within 5s");
    }

    @Test
    void it_says_whether_a_piece_has_come() {
        StreamPermit stream = stream(LIMITS);
        assertThat(stream.hasPieces()).isFalse();
        stream.next();
        assertThat(stream.hasPieces()).isTrue();
    }

    @Test
    void the_end_that_counts_says_so_whatever_it_is() {
        assertThat(stream(LIMITS).complete(Outcome.success())).isTrue();
        assertThat(stream(LIMITS).consumerFailed(new IOException())).isTrue();
        assertThat(stream(LIMITS).fail(new IOException())).isTrue();
        assertThat(stream(LIMITS).cancel()).isTrue();
    }

    @Test
    void work_within_it_is_within_its_call() {
        StreamPermit stream = stream(LIMITS);

        assertThat(stream.<String, RuntimeException>supply(
                        () -> CallChain.current().toString()))
                .isEqualTo("CallChain[" + stream.id() + "]");
        assertThat(stream.isEnded()).isFalse();
    }

    @Test
    void a_source_that_is_slow_after_a_pause_is_late() {
        StreamPermit stream = stream(LIMITS);
        stream.next();
        stream.pause();
        lab.pass(seconds(50));
        stream.resume();

        lab.pass(seconds(10));

        assertThat(informed).containsExactly("No further piece of the stream of agent within 10s");
    }

    @Test
    void what_the_consumer_throws_is_the_agents_and_not_the_models() {
        Guard planner = lab.circuits.guard("agent").dependingOn("model:m");

        planner.stream(LIMITS).consumerFailed(new java.net.SocketTimeoutException("of the consumer's database"));

        assertThat(lab).hasCounted(1, 1);
        assertThat(lab.circuits.snapshot(CircuitId.of("model:m")).figures().calls())
                .isZero();
    }

    @Test
    void a_consumer_that_is_refused_or_cancelled_says_nothing() {
        CircuitOpenException refused = new Lab().trip().refusal();
        stream(LIMITS).consumerFailed(refused);
        stream(LIMITS).consumerFailed(new CancellationException());

        assertThat(lab).hasCounted(0, 0);
        assertThat(cancelled).hasSize(2);
    }

    @Test
    void what_the_source_throws_is_the_models() {
        Guard planner = lab.circuits.guard("agent").dependingOn("model:m");

        planner.stream(LIMITS).fail(new java.net.SocketTimeoutException());

        assertThat(lab.circuits.snapshot(CircuitId.of("model:m")).figures().failures())
                .isEqualTo(1);
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void a_source_that_is_known_late_is_cancelled_at_once() {
        StreamPermit stream = guard.stream(LIMITS);
        stream.cancel();

        stream.cancelWith(() -> cancelled.add("source"));

        assertThat(cancelled).hasSize(1);
    }

    @Test
    void who_asks_late_hears_of_the_limit_at_once() {
        StreamPermit stream = guard.stream(LIMITS);
        lab.pass(seconds(30));

        stream.onTimeout(late -> informed.add(late.getMessage()));

        assertThat(informed).hasSize(1);
    }

    @Test
    void a_stream_without_limits_needs_no_timer() {
        guard.stream(StreamLimits.none());

        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers);
    }

    @Test
    void a_source_that_throws_while_it_is_cancelled_changes_nothing() {
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        try {
            StreamPermit stream = guard.stream(LIMITS).cancelWith(() -> {
                throw new IllegalStateException("cannot be cancelled");
            });
            lab.pass(seconds(30));
            assertThat(stream.isEnded()).isTrue();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(reported).hasSize(1);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_trial_gives_its_place_back_with_the_first_end() {
        lab.tripAndCool();
        for (int trial = 0; trial < 10; trial++) {
            guard.stream(LIMITS).cancel();
        }
        assertThat(guard.stream(LIMITS).complete()).isTrue();
        assertThat(guard.stream(LIMITS).complete()).isTrue();

        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void a_refusal_begins_nothing() {
        lab.trip();

        assertThatThrownBy(() -> guard.stream(LIMITS)).isInstanceOf(CircuitOpenException.class);
        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers);
    }

    @Test
    void the_exception_of_a_limit_is_a_timeout_for_an_outer_guard() {
        List<StreamTimeoutException> heard = new ArrayList<>();
        guard.stream(LIMITS).onTimeout((Consumer<StreamTimeoutException>) heard::add);
        lab.pass(seconds(30));

        assertThat(FailureClassifier.standard().ofException(heard.get(0)).kind())
                .isEqualTo(FailureKind.TIMEOUT);
    }

    @Test
    void limits_of_nothing_are_refused() {
        assertThatThrownBy(() -> StreamLimits.none().firstPiece(Duration.ZERO))
                .hasMessageStartingWith("firstPiece must be");
        assertThatThrownBy(() -> StreamLimits.none().betweenPieces(Duration.ZERO))
                .hasMessage("betweenPieces must be longer than zero, but was 0s");
        assertThatThrownBy(() -> StreamLimits.none().total(seconds(-1))).hasMessageStartingWith("total must be");
        assertThatThrownBy(() -> guard.stream(null)).hasMessageContaining("StreamLimits.none()");
    }
}
