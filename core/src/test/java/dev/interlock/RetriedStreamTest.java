package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Streams whose pieces go to a handler, and of which another attempt may follow: only before the first piece. */
class RetriedStreamTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final List<String> heard = new ArrayList<>();

    /** A source that does with each attempt what the script says, and a handler that hears of the last end. */
    private void stream(RetryGuard retrying, int made, List<Consumer<StreamPermit>> script) {
        StreamPermit stream;
        try {
            stream = guard.stream(StreamLimits.none().firstPiece(seconds(5)));
        } catch (CircuitOpenException refused) {
            heard.add("refused");
            return;
        }
        heard.add("attempt");
        Runnable last = () -> heard.add("end");
        stream.onTimeout(late -> retrying.again(stream, made, () -> stream(retrying, made + 1, script), last));
        script.get(made - 1).accept(stream);
        if (stream.isEnded()) {
            retrying.again(stream, made, () -> stream(retrying, made + 1, script), last);
        }
    }

    @SafeVarargs
    private void stream(Consumer<StreamPermit>... script) {
        stream(guard.withRetry(Retry.upTo(script.length)), 1, List.of(script));
    }

    private static void breakDown(StreamPermit stream) {
        stream.fail(new ConnectException("refused"));
    }

    private static void breakDownAfterAPiece(StreamPermit stream) {
        stream.next();
        breakDown(stream);
    }

    private static void nothing(StreamPermit stream) {
        assertThat(stream.isEnded()).isFalse();
    }

    @Test
    void another_attempt_follows_after_a_wait_that_doubles() {
        stream(RetriedStreamTest::breakDown, RetriedStreamTest::breakDown, StreamPermit::complete);

        lab.pass(seconds(0.499));
        assertThat(heard).containsExactly("attempt");
        lab.pass(seconds(0.001)).pass(seconds(0.999));
        assertThat(heard).containsExactly("attempt", "attempt");
        lab.pass(seconds(0.001));

        assertThat(heard).containsExactly("attempt", "attempt", "attempt", "end");
        assertThat(lab).hasCounted(3, 2);
    }

    @Test
    void none_follows_the_last_one() {
        stream(RetriedStreamTest::breakDown, RetriedStreamTest::breakDown);

        lab.pass(seconds(60));

        assertThat(heard).containsExactly("attempt", "attempt", "end");
        assertThat(lab).hasCounted(2, 2);
    }

    @Test
    void none_follows_a_piece() {
        stream(RetriedStreamTest::breakDownAfterAPiece, StreamPermit::complete);

        assertThat(heard).containsExactly("attempt", "end");
        lab.pass(seconds(60));
        assertThat(heard).hasSize(2);
    }

    @Test
    void a_first_piece_that_is_late_is_asked_for_again() {
        stream(RetriedStreamTest::nothing, StreamPermit::complete);

        lab.pass(seconds(5)).pass(seconds(0.5));

        assertThat(heard).containsExactly("attempt", "attempt", "end");
        assertThat(lab).hasCounted(2, 1);
    }

    @Test
    void none_follows_a_success_a_cancellation_or_a_failure_of_the_consumer() {
        stream(StreamPermit::complete, StreamPermit::complete);
        stream(StreamPermit::cancel, StreamPermit::complete);
        stream(stream -> stream.consumerFailed(new ConnectException("of the agent's")), StreamPermit::complete);
        lab.pass(seconds(60));

        assertThat(heard).containsExactly("attempt", "end", "attempt", "end", "attempt", "end");
    }

    @Test
    void a_refusal_ends_the_attempts() {
        lab.fail(4);

        stream(RetriedStreamTest::breakDown, StreamPermit::complete);
        lab.pass(seconds(0.5));

        assertThat(heard).containsExactly("attempt", "refused");
    }

    @Test
    void a_used_up_budget_ends_the_attempts_and_successes_fill_it() {
        RetryBudget budget = new RetryBudget(5, 5);
        RetryGuard sparing = guard.withRetry(Retry.upTo(3), budget);
        List<Consumer<StreamPermit>> failing = List.of(RetriedStreamTest::breakDown, RetriedStreamTest::breakDown);

        stream(sparing, 1, failing);
        lab.pass(seconds(0.5));
        assertThat(heard).containsExactly("attempt", "attempt", "end");
        assertThat(budget.tokens()).isZero();
        stream(sparing, 1, List.of(StreamPermit::complete));
        assertThat(budget.tokens()).isEqualTo(1);

        stream(sparing, 2, List.of(StreamPermit::complete, StreamPermit::complete));
        assertThat(budget.tokens()).isEqualTo(5);
    }

    @Test
    void a_manager_that_closes_ends_the_wait_with_the_last_end() {
        stream(RetriedStreamTest::breakDown, StreamPermit::complete);

        lab.circuits.close();

        assertThat(heard).containsExactly("attempt", "end");
    }

    @Test
    void a_stream_that_has_not_ended_is_refused() {
        StreamPermit stream = guard.stream(StreamLimits.none());
        Runnable never = () -> heard.add("never");

        assertThatThrownBy(() -> guard.withRetry(Retry.upTo(2)).again(stream, 1, never, never))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The stream of agent has not ended, and no other attempt begins before. Maybe complete, fail"
                                + " or cancel it first");
        assertThat(heard).isEmpty();
        assertThat(stream.cancel()).isTrue();
    }

    @Test
    void a_piece_that_comes_after_the_end_is_wanted_by_nobody() {
        StreamPermit stream = guard.stream(StreamLimits.none());
        breakDown(stream);

        assertThat(stream.next()).isFalse();
        assertThat(stream.hasPieces()).isFalse();
    }

    /** The limit's thread is still busy with the source when that lets its reader go. */
    @Test
    void what_a_limit_has_cut_off_is_no_answer_however_soon_its_reader_returns() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        CountDownLatch returned = new CountDownLatch(1);
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return guard.withRetry(Retry.upTo(1)).stream(StreamLimits.none().firstPiece(seconds(5)), stream -> {
                    stream.cancelWith(() -> {
                        cancelled.countDown();
                        await(returned);
                    });
                    reading.countDown();
                    await(cancelled);
                    return "cut off";
                });
            } finally {
                returned.countDown();
            }
        });
        assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
        lab.pass(seconds(5));

        assertThatThrownBy(answer::join).hasCauseInstanceOf(StreamTimeoutException.class);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
