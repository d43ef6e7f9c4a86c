package dev.interlock.server;

import static dev.interlock.server.ProxyRig.CHAT;
import static dev.interlock.server.ProxyRig.QUESTION;
import static dev.interlock.server.ProxyRig.error;
import static dev.interlock.server.ProxyRig.upstream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How much an organization may have under way, how long a body may be, and when another upstream is asked. */
@Tag("heavy")
class ProxyLimitsTest {
    @Test
    void an_organization_has_a_quarter_of_the_calls_and_gets_its_place_back() throws Exception {
        try (ProxyRig rig = ProxyRig.with("{}", Map.of("proxy-max-calls", "4", "proxy-refusal-status", "503"))) {
            Answer running = OpenAiAnswers.pieces("a");
            for (int i = 0; i < 300; i++) {
                running = running.thenEvent(Duration.ofMillis(100), OpenAiAnswers.piece("b"));
            }
            rig.provider.then(running);
            InputStream first = HttpClient.newHttpClient()
                    .send(
                            rig.request(CHAT, rig.key("planner"))
                                    .POST(BodyPublishers.ofString(QUESTION))
                                    .build(),
                            BodyHandlers.ofInputStream())
                    .body();
            assertThat(first.read()).isEqualTo('d');

            HttpResponse<byte[]> second = rig.ask("writer");
            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(error(second).getString("code")).isEqualTo("too_many_calls");
            assertThat(second.headers().firstValue("retry-after")).contains("1");
            assertThat(second.headers().firstValue("interlock-refused")).contains("proxy");
            assertThat(rig.provider.requests()).hasSize(1);

            first.close();
            await().atMost(Duration.ofSeconds(30)).until(() -> rig.ask("writer").statusCode() == 200);
            assertThat(rig.ask("writer").statusCode())
                    .as("each gives its place back")
                    .isEqualTo(200);
        }
    }

    @Test
    void a_body_has_at_most_32_MiB() {
        try (ProxyRig rig = ProxyRig.openAi()) {
            String key = rig.key("planner");
            try (RawConnection raw = new RawConnection(rig.server.server().port())) {
                raw.send("POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                        + "\r\nContent-Length: " + (32 * 1024 * 1024 + 1) + "\r\n\r\n{");
                assertThat(raw.readHead()).startsWith("HTTP/1.1 413");
            }
            try (RawConnection raw = new RawConnection(rig.server.server().port())) {
                raw.send("POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n");
                byte[] chunk = new byte[1024 * 1024];
                java.util.Arrays.fill(chunk, (byte) ' ');
                boolean open = true;
                for (int i = 0; i < 34 && open; i++) {
                    open = raw.trySend("100000\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                            && raw.trySend(chunk)
                            && raw.trySend("\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                }
                assertThat(raw.readHead()).matches("(?s)HTTP/1.1 (413|429).*");
            }
            assertThat(rig.provider.requests()).isEmpty();
            assertThat(rig.ask("planner").statusCode())
                    .as("the room is free again")
                    .isEqualTo(200);
        }
    }

    @Test
    void another_upstream_is_asked_after_a_refusal_where_the_file_says_so() {
        try (FakeProvider azure = FakeProvider.start();
                ProxyRig rig = twoUpstreams(azure, "URL")) {
            rig.act("model:gpt-5", "open");

            assertThat(rig.ask("planner").statusCode()).isEqualTo(200);
            assertThat(azure.requests()).hasSize(1);
            assertThat(azure.requests().get(0).body()).isEqualTo(QUESTION);
            assertThat(rig.provider.requests()).isEmpty();
            assertThat(rig.agents()).contains("model:gpt-5@azure", "key:azure");

            rig.act("model:gpt-4", "open");
            assertThat(rig.ask("planner", CHAT, QUESTION.replace("gpt-5", "gpt-4"))
                            .statusCode())
                    .as("not for this model")
                    .isEqualTo(424);

            rig.act("model:gpt-5@azure", "open");
            HttpResponse<byte[]> both = rig.ask("planner");
            assertThat(both.statusCode()).isEqualTo(424);
            assertThat(both.headers().firstValue("interlock-refused")).contains("model:gpt-5");
            assertThat(azure.requests()).hasSize(1);
        }
    }

    @Test
    void another_upstream_is_asked_if_no_connection_was_made_and_never_after_one() throws Exception {
        int closed;
        try (ServerSocket once = new ServerSocket(0)) {
            closed = once.getLocalPort();
        }
        try (FakeProvider azure = FakeProvider.start();
                ProxyRig rig = twoUpstreams(azure, "http://127.0.0.1:" + closed)) {
            assertThat(rig.ask("planner").statusCode()).isEqualTo(200);
            assertThat(azure.requests()).hasSize(1);
            assertThat(rig.failures("model:gpt-5")).isEqualTo(1);
            assertThat(rig.failures("model:gpt-5@azure")).isZero();

            HttpResponse<byte[]> none = rig.ask("planner", CHAT, QUESTION.replace("gpt-5", "gpt-4"));
            assertThat(none.statusCode()).isEqualTo(502);
            assertThat(azure.requests()).hasSize(1);
        }
        try (FakeProvider azure = FakeProvider.start();
                ProxyRig rig = twoUpstreams(azure, "URL")) {
            rig.provider.then(Answer.hangUp()).then(OpenAiAnswers.error(503, "engine_overloaded", "Overloaded"));
            assertThat(rig.ask("planner").statusCode()).isEqualTo(502);
            assertThat(rig.ask("planner").statusCode()).isEqualTo(503);
            assertThat(azure.requests()).as("it may have been carried out").isEmpty();
        }
    }

    private static ProxyRig twoUpstreams(FakeProvider azure, String url) {
        return ProxyRig.of(
                "[" + upstream("openai", "{url: " + url + "; fallbacks: [{models: [gpt-5], to: azure}]}") + ", "
                        + upstream("azure", "{circuit-suffix: '@azure'; url: " + azure.uri() + "}") + "]",
                Map.of());
    }
}
