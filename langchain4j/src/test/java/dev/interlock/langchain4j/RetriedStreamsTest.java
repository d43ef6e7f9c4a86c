package dev.interlock.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitOpenException;
import dev.interlock.Retry;
import dev.interlock.StreamLimits;
import dev.interlock.StreamTimeoutException;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams that begin again: with a permit each, never after a piece, and with one end for the handler. */
class RetriedStreamsTest {
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Answer BUSY = OpenAiAnswers.error(500, "server_error", "x");

    private final Fleet fleet = new Fleet();
    private final List<String> pieces = new CopyOnWriteArrayList<>();
    private final List<Object> ends = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        fleet.close();
    }

    private GuardedStreamingChatModel upTo(int attempts, StreamingChatModel model) {
        return GuardedStreamingChatModel.of(model, fleet.planner)
                .withRetry(Retry.upTo(attempts).delays(SOON, SOON));
    }

    private void ask(StreamingChatModel model) {
        model.chat("Hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                pieces.add(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                ends.add(response.aiMessage().text());
            }

            @Override
            public void onError(Throwable thrown) {
                ends.add(thrown);
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> !ends.isEmpty());
    }

    @Test
    void a_stream_that_breaks_before_its_first_piece_begins_again() {
        fleet.provider.then(BUSY).then(Answer.hangUp()).then(OpenAiAnswers.stream("Hel", "lo"));

        ask(upTo(3, fleet.openAiStreaming()));

        assertThat(pieces).containsExactly("Hel", "lo");
        assertThat(ends).containsExactly("Hello");
        assertThat(fleet.model()).hasCounted(3, 2);
        assertThat(fleet.agent().figures().failures()).isZero();
    }

    @Test
    void so_does_one_of_another_provider() {
        fleet.provider
                .then(AnthropicAnswers.error(529, "overloaded_error", "x"))
                .then(AnthropicAnswers.stream("Hel", "lo"));

        ask(upTo(2, fleet.anthropicStreaming()));

        assertThat(ends).containsExactly("Hello");
        assertThat(fleet.model()).hasCounted(2, 1);
    }

    @Test
    void none_follows_the_first_piece() {
        fleet.provider.then(OpenAiAnswers.pieces("Hel").thenStalled()).otherwise(OpenAiAnswers.stream("Hel", "lo"));

        ask(upTo(3, fleet.openAiStreaming()).withLimits(StreamLimits.none().betweenPieces(Duration.ofMillis(300))));

        assertThat(pieces).containsExactly("Hel");
        assertThat(ends).hasSize(1);
        assertThat(ends.get(0)).isInstanceOf(StreamTimeoutException.class);
        assertThat(fleet.provider.requests()).hasSize(1);
    }

    @Test
    void a_first_piece_that_is_late_is_asked_for_again() {
        fleet.provider.then(OpenAiAnswers.pieces().thenStalled()).otherwise(OpenAiAnswers.stream("Hel", "lo"));

        ask(upTo(3, fleet.openAiStreaming()).withLimits(StreamLimits.none().firstPiece(Duration.ofSeconds(2))));

        assertThat(ends).containsExactly("Hello");
        assertThat(fleet.model().figures().failures()).isPositive();
    }

    @Test
    void an_error_of_the_program_is_thrown_and_repeated_by_nobody() {
        Error broken = new ExceptionInInitializerError(new ConnectException("within"));
        StreamingChatModel model = new StreamingChatModel() {
            @Override
            public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
                asked.add("once");
                throw broken;
            }
        };

        assertThatThrownBy(() -> ask(upTo(3, model))).isSameAs(broken);

        assertThat(ends).containsExactly(broken);
        assertThat(asked).hasSize(1);
    }

    @Test
    void the_circuit_that_opens_ends_the_attempts() {
        fleet.provider.otherwise(BUSY);

        ask(upTo(9, fleet.openAiStreaming()));

        assertThat(ends).hasSize(1);
        assertThat(ends.get(0)).isInstanceOf(CircuitOpenException.class);
        assertThat(fleet.provider.requests()).hasSize(3);
        assertThat(fleet.model()).isOpen();
    }

    @Test
    void a_manager_that_closes_leaves_nobody_waiting() {
        fleet.provider.then(BUSY);
        Duration never = Duration.ofDays(1);
        GuardedStreamingChatModel model = GuardedStreamingChatModel.of(fleet.openAiStreaming(), fleet.planner)
                .withRetry(Retry.upTo(2).delays(never, never));
        fleet.circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> closeLater());

        ask(model);

        assertThat(ends).hasSize(1);
        assertThat(ends.get(0)).isInstanceOf(Throwable.class);
        assertThat(fleet.provider.requests()).hasSize(1);
    }

    /** Before the wait begins or during it: an end follows either way. */
    private void closeLater() {
        Thread closing = new Thread(fleet.circuits::close, "closing");
        closing.setDaemon(true);
        closing.start();
    }
}
