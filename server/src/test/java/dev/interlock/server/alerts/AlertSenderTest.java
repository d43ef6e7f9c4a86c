package dev.interlock.server.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookState;
import dev.interlock.server.Certificate;
import dev.interlock.server.outbound.Provider;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is stored arrives at real receivers on this machine: well ones, slow ones, and ones that are away or gone. */
@Tag("slow")
class AlertSenderTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SETTLED = Duration.ofSeconds(6);

    @TempDir
    Path folder;

    private final Provider receiver = new Provider();
    private AlertRig rig;
    private AlertSender sender;

    /** What a receiver got. */
    private record Heard(Map<String, String> headers, JsonObject body, String text) {
        static Heard of(String request) {
            int end = request.indexOf("\r\n\r\n");
            Map<String, String> headers = new TreeMap<>();
            for (String line : request.substring(0, end).split("\r\n")) {
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
                }
            }
            String text = request.substring(end + 4);
            return new Heard(headers, new JsonObject(text), text);
        }

        boolean isSigned() {
            String time = headers.get("webhook-timestamp");
            return Signature.of(AlertRig.SECRET, headers.get("webhook-id"), Long.parseLong(time), text)
                    .equals(headers.get("webhook-signature"));
        }
    }

    @BeforeEach
    void start() {
        rig = new AlertRig(folder);
        sender = rig.sender(1);
    }

    @AfterEach
    void stop() throws Exception {
        sender.close();
        rig.close();
        receiver.close();
    }

    @Test
    void an_incident_is_two_signed_messages_with_figures_and_a_link() {
        Webhook webhook = rig.add("acme", "a", receiver.url("/hook?x=1"), "incidents");
        rig.incident("acme", "i-1", null);
        sender.step();
        assertThat(receiver.requests).isEmpty();
        rig.pass(SETTLED);
        sender.step();
        delivered(webhook, 1);
        rig.incident("acme", "i-1", AlertRig.START.plusSeconds(725));
        rig.incident("acme", "i-1", AlertRig.START.plusSeconds(725));
        sender.step();
        delivered(webhook, 2);

        Heard began = heard(0);
        assertThat(receiver.requests.get(0)).startsWith("POST /hook?x=1 HTTP/1.1\r\n");
        assertThat(began.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("webhook-timestamp", String.valueOf(rig.now().getEpochSecond()));
        assertThat(began.isSigned()).isTrue();
        assertThat(began.body().getString("type")).isEqualTo("incident.began");
        JsonObject data = began.body().getJsonObject("data");
        assertThat(data.getString("organization_id")).isEqualTo("acme");
        assertThat(data.getString("title")).isEqualTo("Incident: model:<b> is open");
        assertThat(data.getString("url")).isEqualTo("https://interlock.example.com/base/#/incidents/i-1");
        assertThat(data.getJsonObject("incident").getString("kind")).isEqualTo("OVERLOADED");
        assertThat(data.getJsonObject("incident").getInteger("open")).isEqualTo(2);
        Heard ended = heard(1);
        assertThat(ended.isSigned()).isTrue();
        assertThat(ended.headers().get("webhook-id"))
                .isNotEqualTo(began.headers().get("webhook-id"));
        assertThat(ended.body().getString("type")).isEqualTo("incident.ended");
        assertThat(ended.body().getJsonObject("data").getJsonObject("incident").getInteger("duration_ms"))
                .isEqualTo(725_000);
        assertThat(ended.body().getJsonObject("data").getString("text"))
                .contains("after 12 min 5 s", "Refused: 0 calls");
    }

    @Test
    void a_circuit_that_closes_says_how_long_it_was_open() {
        Webhook webhook = rig.add("acme", "a", receiver.url("/"), "opened", "closed");
        rig.move("acme", "x*", "closed", "open");
        rig.move("acme", "other", "closed", "open");
        sender.step();
        delivered(webhook, 2);
        rig.pass(Duration.ofSeconds(90));
        rig.move("acme", "x*", "open", "closed");
        sender.step();
        delivered(webhook, 3);
        JsonObject circuit = heard(2).body().getJsonObject("data").getJsonObject("circuit");
        assertThat(circuit.getString("agent_id")).isEqualTo("x*");
        assertThat(circuit.getInteger("open_ms")).isEqualTo(90_000);
        assertThat(circuit.getInteger("refused")).isZero();
        assertThat(heard(2).body().getJsonObject("data").getString("url"))
                .isEqualTo("https://interlock.example.com/base/#/agents/x*");
    }

    @Test
    void what_does_not_arrive_is_sent_again_with_the_same_id_and_body_and_a_new_signature() {
        receiver.answer(503);
        Webhook webhook = rig.add("acme", "a", receiver.url("/"), "incidents");
        rig.incident("acme", "i", null);
        rig.pass(SETTLED);
        sender.step();
        failed(webhook, "the receiver answered 503");
        rig.incident("acme", "i", AlertRig.START.plusSeconds(5));
        receiver.answer(200);
        sender.step();
        assertThat(receiver.requests).as("it waits").hasSize(1);
        rig.pass(SETTLED);
        sender.step();
        delivered(webhook, 3);
        assertThat(heard(1).headers())
                .containsEntry("webhook-id", heard(0).headers().get("webhook-id"));
        assertThat(heard(1).text()).isEqualTo(heard(0).text());
        assertThat(heard(1).isSigned()).isTrue();
        assertThat(heard(2).body().getString("type")).isEqualTo("incident.ended");
        assertThat(rig.state(webhook).failingSince()).isNull();
    }

    @Test
    void a_redirect_is_not_followed() {
        try (Provider other = new Provider()) {
            receiver.answer((socket, out) ->
                    say(out, "HTTP/1.1 307 X\r\nLocation: " + other.url("/") + "\r\nContent-Length: 0\r\n\r\n"));
            Webhook webhook = begin(receiver.url("/"));
            failed(webhook, "the receiver answered 307, a redirect, which is not followed: change the address");
            assertThat(other.connections).hasValue(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://10.0.0.1/, the host is not on outbound-hosts",
        "http://169.254.169.254/latest/meta-data, the host is not on outbound-hosts",
        "http://nowhere.invalid/, the name of the host has no address"
    })
    void what_may_not_or_cannot_be_reached_is_not_asked(String url, String why) {
        failed(begin(url), why);
    }

    @Test
    void one_that_is_down_or_breaks_off_or_hangs_has_failed() {
        receiver.answer((socket, out) -> socket.close());
        Webhook webhook = begin(receiver.url("/"));
        failed(webhook, "the connection was broken before there was an answer");

        sender.close();
        sender = rig.sender(2, Duration.ofMillis(300));
        receiver.answer(AlertSenderTest::hang);
        rig.pass(Duration.ofMinutes(1));
        sender.step();
        failed(webhook, "there was no answer in time");

        receiver.close();
        rig.pass(Duration.ofMinutes(3));
        sender.step();
        failed(webhook, "no connection was accepted");
    }

    @Test
    void a_certificate_of_another_is_none() throws Exception {
        Certificate.in(folder, "dns:other.test");
        HttpServer tls = rig.vertx
                .createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .addCertPath(folder.resolve("cert.pem").toString())
                                .addKeyPath(folder.resolve("key.pem").toString())))
                .requestHandler(request -> request.response().end())
                .listen(0, "127.0.0.1")
                .await(30, TimeUnit.SECONDS);
        failed(
                begin("https://127.0.0.1:" + tls.actualPort() + "/"),
                "TLS failed, or the certificate is not one for this host");
    }

    @Test
    void one_that_is_busy_says_when_and_one_that_is_gone_is_dead_at_once() {
        receiver.answer((socket, out) -> say(out, "HTTP/1.1 429 X\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"));
        Webhook webhook = begin(receiver.url("/"));
        failed(webhook, "the receiver answered 429");
        assertThat(rig.state(webhook).resumeAt()).isEqualTo(rig.now().plusSeconds(600));
        rig.pass(Duration.ofSeconds(599));
        sender.step();
        assertThat(receiver.requests).hasSize(1);
        receiver.answer(410);
        rig.pass(Duration.ofSeconds(1));
        sender.step();
        failed(webhook, "the receiver answered 410: it wants no messages any more");
        assertThat(rig.state(webhook).dead()).isTrue();
        rig.pass(Duration.ofDays(1));
        sender.step();
        assertThat(receiver.requests).hasSize(2);
    }

    @Test
    void after_nine_attempts_within_half_a_day_it_is_dead_and_a_change_brings_it_back_with_what_waits() {
        receiver.answer(500);
        Webhook webhook = begin(receiver.url("/"));
        Instant began = rig.now();
        rig.incident("acme", "i", rig.now());
        for (int attempt = 1; attempt <= 9; attempt++) {
            int sent = attempt;
            await().atMost(LONG).until(() -> receiver.requests.size() == sent);
            await().atMost(LONG)
                    .until(() -> sent == 9
                            ? rig.state(webhook).dead()
                            : rig.state(webhook).resumeAt() != null
                                    && rig.state(webhook).resumeAt().isAfter(rig.now()));
            WebhookState state = rig.state(webhook);
            if (state.resumeAt() != null) {
                rig.pass(Duration.between(rig.now(), state.resumeAt()));
                sender.step();
            }
        }
        assertThat(Duration.between(began, rig.now())).isBetween(Duration.ofHours(10), Duration.ofHours(12));
        WebhookState dead = rig.state(webhook);
        assertThat(dead.deadMessages()).isEqualTo(1);
        assertThat(dead.waiting()).as("the end of the incident").isEqualTo(1);
        receiver.answer(200);
        rig.pass(Duration.ofDays(1));
        sender.step();
        assertThat(receiver.requests).hasSize(9);
        rig.database.webhooks().put(webhook, new Author("ada", rig.now()), "{}", "{}");
        sender.step();
        delivered(webhook, 10);
        assertThat(heard(9).body().getString("type")).isEqualTo("incident.ended");
    }

    @Test
    void receivers_that_hang_keep_no_other_organization_waiting() throws Exception {
        receiver.answer(AlertSenderTest::hang);
        for (int i = 0; i < 20; i++) {
            rig.add("slow", "s" + i, receiver.url("/"), "incidents");
        }
        rig.incident("slow", "i", null);
        rig.pass(SETTLED);
        sender.step();
        int share = 16;
        await().atMost(LONG).until(() -> receiver.connections.get() == share);
        sender.step();
        try (Provider good = new Provider()) {
            Webhook webhook = rig.add("good", "g", good.url("/"), "incidents");
            rig.incident("good", "i", null);
            rig.pass(SETTLED);
            sender.step();
            await().atMost(LONG).until(() -> rig.state(webhook).waiting() == 0);
            assertThat(good.requests).hasSize(1);
        }
        assertThat(receiver.connections).as("no more than a quarter of all").hasValue(share);
    }

    @Test
    void of_two_servers_one_sends_and_the_other_takes_over_when_it_is_not_heard_of() {
        AlertSender other = rig.sender(2);
        Webhook webhook = begin(receiver.url("/"));
        other.step();
        delivered(webhook, 1);
        rig.incident("acme", "i", rig.now());
        rig.pass(AlertSender.DUTY.minusSeconds(1));
        other.step();
        assertThat(receiver.requests).hasSize(1);
        rig.pass(SETTLED);
        other.step();
        delivered(webhook, 2);
        rig.incident("acme", "k", null);
        rig.pass(SETTLED);
        sender.step();
        assertThat(receiver.requests).as("it has lost the duty").hasSize(2);
        other.close();
        rig.pass(SETTLED);
        sender.step();
        delivered(webhook, 3);
    }

    @Test
    void a_test_arrives_at_once_and_revives_a_webhook_that_was_dead() throws Exception {
        receiver.answer(410);
        Webhook webhook = begin(receiver.url("/"));
        failed(webhook, "the receiver answered 410: it wants no messages any more");
        AlertSender.Tested gone = sender.test(webhook).await(30, TimeUnit.SECONDS);
        assertThat(gone.arrived()).isFalse();
        assertThat(gone.detail()).contains("410");
        assertThat(rig.state(webhook).dead()).isTrue();
        receiver.answer(204);
        assertThat(sender.test(webhook).await(30, TimeUnit.SECONDS).arrived()).isTrue();
        await().atMost(LONG).until(() -> !rig.state(webhook).dead());
        Heard test = heard(2);
        assertThat(test.body().getString("type")).isEqualTo("webhook.test");
        assertThat(test.isSigned()).isTrue();
    }

    /** An incident begins, and its message is due. */
    private Webhook begin(String url) {
        Webhook webhook = rig.add("acme", "a", url, "incidents");
        rig.incident("acme", "i", null);
        rig.pass(SETTLED);
        sender.step();
        return webhook;
    }

    private void delivered(Webhook webhook, int messages) {
        await().atMost(LONG)
                .until(() -> receiver.requests.size() == messages
                        && rig.state(webhook).waiting() == 0);
    }

    private void failed(Webhook webhook, String why) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(rig.state(webhook).lastError()).isEqualTo(why));
    }

    private Heard heard(int number) {
        return Heard.of(receiver.requests.get(number));
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static void hang(Socket socket, OutputStream out) throws IOException {
        while (socket.getInputStream().read() >= 0) {
            Thread.onSpinWait();
        }
    }
}
