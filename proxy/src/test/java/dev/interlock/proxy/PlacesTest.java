package dev.interlock.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.proxy.ProxyOnManager.Held;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever ends a call: its place, the room of its body and its permit are free again. */
class PlacesTest {
    private static final String AGENT = "planner";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String QUESTION = "{\"model\":\"m\",\"messages\":[]}";
    private static final Answer BEGUN = OpenAiAnswers.pieces("a", "b");

    private final FakeProvider provider = FakeProvider.start();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(
            CircuitBreakerConfig.builder().failureThreshold(1_000).build());
    private final ProxyOnManager proxy;

    PlacesTest() throws IOException {
        circuits.getOrCreate(CircuitId.of("model:refused")).override(ManualOverride.of(OverrideAction.OPEN, "ada"));
        URI away;
        try (ServerSocket closed = new ServerSocket(0)) {
            away = URI.create("http://127.0.0.1:" + closed.getLocalPort());
        }
        Duration moment = Duration.ofMillis(1);
        ProxyLimits impatient = new ProxyLimits(moment, moment, Duration.ofMinutes(1));
        proxy = new ProxyOnManager(
                circuits,
                List.of(
                        ProxyOnManager.upstream("up", Api.OPENAI, provider.uri()),
                        ProxyOnManager.upstream("away", Api.OPENAI, away),
                        upstream("impatient", null, impatient),
                        upstream("odd-key", "a key\nof two lines", ProxyLimits.defaults())));
    }

    private Upstream upstream(String name, @Nullable String key, ProxyLimits limits) {
        Upstream plain = ProxyOnManager.upstream(name, Api.OPENAI, provider.uri());
        return new Upstream(
                name,
                plain.api(),
                plain.address(),
                key,
                plain.keyHeader(),
                null,
                Set.of(CircuitId.DEFAULT_ORGANIZATION),
                plain.agents(),
                plain.models(),
                plain.paths(),
                "",
                false,
                limits,
                List.of(),
                List.of());
    }

    @AfterEach
    void nothingIsHeldAtTheEnd() {
        try {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(proxy.held()).isEqualTo(Held.NOTHING));
        } finally {
            proxy.close();
            circuits.close();
            provider.close();
        }
    }

    @ParameterizedTest
    @MethodSource
    void an_answer_of_any_kind(Answer answer) throws Exception {
        provider.then(answer);
        try (Socket client = send(question("up", "Connection: close\r\n"))) {
            assertThat(client.getInputStream().readAllBytes()).isNotEmpty();
        }
        assertThat(provider.requests()).hasSize(1);
    }

    static Stream<Answer> an_answer_of_any_kind() {
        return Stream.of(
                OpenAiAnswers.text("a plan"),
                OpenAiAnswers.stream("a", "plan"),
                OpenAiAnswers.error(500, "oops", "Oops"),
                Answer.status(204),
                Answer.hangUp(),
                Answer.reset(),
                BEGUN.thenClosed(),
                BEGUN.thenReset());
    }

    @ParameterizedTest
    @CsvSource({
        "up, {\"model\":\"refused\"}, 424",
        "up, {\"model\":3}, 400",
        "up, {} {}, 400",
        "away, {\"model\":\"m\"}, 502",
        "impatient, {\"model\":\"m\"}, 504"
    })
    void what_the_proxy_says_itself(String upstream, String body, int status) throws Exception {
        provider.otherwise(Answer.stall());
        try (Socket client = send(head(upstream, "Connection: close\r\nContent-Length: " + body.length()) + body)) {
            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void a_caller_that_leaves_within_its_question() throws Exception {
        try (Socket client = send(head("up", "Content-Length: 1000") + QUESTION)) {
            until(() -> proxy.held().equals(new Held(1, QUESTION.length(), 0)));
            client.setSoLinger(true, 0);
        }
    }

    @Test
    void a_caller_that_leaves_before_it_is_known() throws Exception {
        CompletableFuture<Void> known = new CompletableFuture<>();
        proxy.admitAfter(known);
        int before = proxy.calls(AGENT);
        try (Socket half = send(head("up", "Content-Length: 1000") + QUESTION);
                Socket whole = send(question("up", ""))) {
            until(() -> proxy.calls(AGENT) == before + 2);
            half.setSoLinger(true, 0);
            whole.setSoLinger(true, 0);
        }
        until(() -> proxy.connections() == 0);
        known.complete(null);
    }

    @Test
    void a_caller_that_leaves_before_the_answer() throws Exception {
        provider.then(Answer.stall());
        try (Socket client = send(question("up", ""))) {
            until(() -> provider.requests().size() == 1);
            assertThat(proxy.held()).isEqualTo(new Held(1, QUESTION.length(), 1));
            client.setSoLinger(true, 0);
        }
    }

    @Test
    void a_caller_that_leaves_within_a_stream() throws Exception {
        provider.then(BEGUN.thenStalled());
        try (Socket client = send(question("up", ""))) {
            assertThat(client.getInputStream().read()).isEqualTo('H');
            assertThat(proxy.held()).isEqualTo(new Held(1, 0, 1));
            client.setSoLinger(true, 0);
        }
    }

    @Test
    void a_caller_that_leaves_with_questions_sent_ahead() throws Exception {
        provider.then(OpenAiAnswers.text("a plan")).then(Answer.stall());
        try (Socket client = send(question("up", "") + question("up", "") + question("up", ""))) {
            assertThat(client.getInputStream().read()).isEqualTo('H');
            until(() -> provider.requests().size() == 2);
            assertThat(proxy.held()).as("one after the other").isEqualTo(new Held(1, QUESTION.length(), 1));
            client.setSoLinger(true, 0);
        }
    }

    @Test
    void a_key_that_no_header_can_bear() throws Exception {
        try (Socket client = send(question("odd-key", "Connection: close\r\n"))) {
            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 500 ");
        }
    }

    @Test
    void an_answer_with_a_header_that_cannot_go_on() throws Exception {
        provider.then(OpenAiAnswers.text("a plan").withHeader("x-odd", "a\u0001b"));
        try (Socket client = send(question("up", "Connection: close\r\n"))) {
            assertThat(client.getInputStream().readAllBytes()).isNotEmpty();
        }
    }

    private static String question(String upstream, String headers) {
        return head(upstream, headers + "Content-Length: " + QUESTION.length()) + QUESTION;
    }

    private static String head(String upstream, String headers) {
        return "POST /proxy/" + upstream + "/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + ProxyOnManager.key(AGENT) + "\r\n" + headers + "\r\n\r\n";
    }

    private Socket send(String text) throws IOException {
        Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.uri("/").getPort());
        client.setSoTimeout((int) PATIENCE.toMillis());
        client.getOutputStream().write(text.getBytes(ISO_8859_1));
        return client;
    }

    private static void until(Callable<Boolean> holds) {
        await().atMost(PATIENCE).until(holds);
    }
}
