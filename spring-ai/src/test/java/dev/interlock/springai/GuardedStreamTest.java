package dev.interlock.springai;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.StreamLimits;
import dev.interlock.StreamTimeoutException;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.model.ChatModel;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Each way in which a stream of a provider ends: exactly one end reaches the subscriber, and the right one the circuit. */
class GuardedStreamTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final StreamLimits SHORT = StreamLimits.none().betweenPieces(Duration.ofMillis(300));

    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    private Flux<String> stream(ChatModel model, StreamLimits limits) {
        return Fleet.client(model, GuardedModelAdvisor.of(fleet.planner).withLimits(limits)).prompt("Hello").stream()
                .content();
    }

    private static Arguments row(
            String name,
            Function<Fleet, ChatModel> model,
            Answer answer,
            @Nullable FailureKind kind,
            @Nullable Class<?> thrown) {
        return Arguments.of(name, model, answer, kind, thrown);
    }

    static Stream<Arguments> ends() {
        Function<Fleet, ChatModel> openAi = Fleet::openAi;
        Function<Fleet, ChatModel> anthropic = Fleet::anthropic;
        String error = OpenAiAnswers.errorBody("server_error", "x");
        Class<?> late = StreamTimeoutException.class;
        Class<?> any = Throwable.class;
        return Stream.of(
                row("OpenAI, whole", openAi, OpenAiAnswers.stream("Hel", "lo"), null, null),
                row("Anthropic, whole", anthropic, AnthropicAnswers.stream("Hel", "lo"), null, null),
                row("OpenAI stalls", openAi, OpenAiAnswers.pieces("Hel").thenStalled(), FailureKind.TIMEOUT, late),
                row(
                        "Anthropic stalls",
                        anthropic,
                        AnthropicAnswers.pieces("Hel").thenStalled(),
                        FailureKind.TIMEOUT,
                        late),
                row("OpenAI, no end mark", openAi, OpenAiAnswers.pieces("Hel"), FailureKind.CONNECTION, null),
                row("Anthropic, no end mark", anthropic, AnthropicAnswers.pieces("Hel"), FailureKind.CONNECTION, null),
                row("OpenAI, reset", openAi, OpenAiAnswers.pieces("Hel").thenReset(), FailureKind.CONNECTION, any),
                row(
                        "OpenAI, cut",
                        openAi,
                        OpenAiAnswers.pieces("Hel").thenClosedInChunk(),
                        FailureKind.CONNECTION,
                        any),
                row(
                        "Anthropic, reset",
                        anthropic,
                        AnthropicAnswers.pieces("Hel").thenReset(),
                        FailureKind.CONNECTION,
                        any),
                row(
                        "OpenAI, event: error",
                        openAi,
                        OpenAiAnswers.pieces("Hel").then(Duration.ZERO, "event: error\ndata: " + error + "\n\n"),
                        FailureKind.SERVER_ERROR,
                        any),
                row(
                        "Anthropic, event: error",
                        anthropic,
                        AnthropicAnswers.pieces("Hel")
                                .then(Duration.ZERO, AnthropicAnswers.errorEvent("overloaded_error", "x")),
                        FailureKind.OVERLOADED,
                        any),
                row("OpenAI, error as data", openAi, Answer.events(error, "[DONE]"), FailureKind.SERVER_ERROR, any),
                row("OpenAI, nothing", openAi, Answer.events("[DONE]"), FailureKind.EMPTY_RESPONSE, null),
                row("OpenAI 503", openAi, OpenAiAnswers.error(503, "server_error", "x"), FailureKind.OVERLOADED, any),
                row("OpenAI hangs up", openAi, Answer.hangUp(), FailureKind.CONNECTION, any));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ends")
    void a_stream_ends_once(
            String name,
            Function<Fleet, ChatModel> model,
            Answer answer,
            @Nullable FailureKind kind,
            @Nullable Class<?> thrown) {
        fleet.provider.then(answer);
        List<Object> ends = new CopyOnWriteArrayList<>();

        // Any other end comes by itself, on however slow a machine.
        StreamLimits limits = kind == FailureKind.TIMEOUT ? SHORT : StreamLimits.none();
        stream(model.apply(fleet), limits).subscribe(piece -> {}, ends::add, () -> ends.add("complete"));

        await().atMost(LONG).until(() -> !ends.isEmpty());
        assertThat(fleet.firstKind()).as(name).isEqualTo(kind);
        if (thrown == null) {
            assertThat(ends).as(name).containsExactly("complete");
        } else {
            assertThat(ends).as(name).hasSize(1);
            assertThat(ends.get(0)).as(name).isInstanceOf(thrown);
        }
        assertThat(fleet.agent().figures().failures()).as(name).isZero();
    }

    @Test
    void a_refusal_ends_the_stream_and_nobody_is_called() {
        fleet.provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        for (int i = 0; i < 3; i++) {
            assertThat(catchThrowable(() -> stream(fleet.openAi(), SHORT).blockLast(LONG)))
                    .isNotInstanceOf(CircuitOpenException.class);
        }

        assertThat(catchThrowable(() -> stream(fleet.openAi(), SHORT).blockLast(LONG)))
                .isInstanceOf(CircuitOpenException.class);

        assertThat(fleet.model()).isOpen();
        assertThat(fleet.provider.requests()).hasSize(3);
    }

    @Test
    void a_subscriber_that_wants_no_more_says_nothing_of_anybody() {
        fleet.provider.then(OpenAiAnswers.pieces("Hel").thenStalled());
        List<String> pieces = new CopyOnWriteArrayList<>();

        Disposable reading = stream(fleet.openAi(), StreamLimits.none()).subscribe(pieces::add);
        await().atMost(LONG).until(() -> !pieces.isEmpty());
        reading.dispose();

        await().atMost(LONG).until(() -> fleet.callsOfTheModel() == 1);
        assertThat(fleet.firstKind()).isEqualTo(FailureKind.CANCELLED);
        assertThat(fleet.model()).hasCounted(0, 0);
        assertThat(fleet.agent()).hasCounted(0, 0);
    }

    /** The limit between pieces passes many times over while nobody asks. */
    @Test
    void a_subscriber_that_takes_its_time_is_no_stall() {
        fleet.provider.then(OpenAiAnswers.stream("Hel", "lo"));
        List<String> ends = new CopyOnWriteArrayList<>();
        List<String> pieces = new CopyOnWriteArrayList<>();
        BaseSubscriber<String> slow = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(String piece) {
                pieces.add(piece);
            }

            @Override
            protected void hookOnComplete() {
                ends.add("complete");
            }

            @Override
            protected void hookOnError(Throwable thrown) {
                ends.add(thrown.toString());
            }
        };

        stream(fleet.openAi(), StreamLimits.none().betweenPieces(Duration.ofMillis(50)))
                .subscribe(slow);
        await().atMost(LONG).until(() -> pieces.size() == 1);
        await().pollDelay(Duration.ofMillis(300)).until(() -> true);
        assertThat(ends).isEmpty();
        slow.requestUnbounded();

        await().atMost(LONG).until(() -> !ends.isEmpty());
        assertThat(ends).containsExactly("complete");
        assertThat(fleet.firstKind()).isNull();
    }

    @Test
    void each_subscription_is_a_call_of_its_own() {
        fleet.provider.otherwise(OpenAiAnswers.stream("Hel", "lo"));
        Flux<String> stream = stream(fleet.openAi(), SHORT);
        assertThat(fleet.provider.requests()).isEmpty();

        for (int i = 0; i < 2; i++) {
            assertThat(stream.collectList().block(LONG)).containsExactly("Hel", "lo");
        }

        assertThat(fleet.model()).hasCounted(2, 0);
        assertThat(fleet.provider.requests()).hasSize(2);
    }

    @Test
    void a_provider_without_finish_reasons_can_be_named_one() {
        fleet.provider.then(OpenAiAnswers.pieces("Hello"));

        Fleet.client(fleet.openAi(), GuardedModelAdvisor.of(fleet.planner).withoutFinishReasons())
                .prompt("Hello")
                .stream()
                .content()
                .blockLast(LONG);

        assertThat(fleet.model()).hasCounted(1, 0);
    }
}
