package dev.interlock.server.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.Certificate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real provider on this machine, and a resolver of the test, so that a name can lead anywhere. */
class OutboundClientTest {
    private static final OutboundHosts LISTED = OutboundHosts.of(List.of("provider.test", "127.0.0.1", "::1"));
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final Vertx vertx = Vertx.vertx();
    private final Provider provider = new Provider();
    private final AtomicInteger resolved = new AtomicInteger();
    private final List<OutboundClient> clients = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        clients.forEach(OutboundClient::close);
        provider.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void the_status_of_the_answer_is_found_out_over_a_connection_of_its_own() {
        OutboundClient client = client("127.0.0.1");
        assertThat(status(client, provider.url("/v1/models?limit=1"))).isEqualTo(200);
        provider.answer(503);
        assertThat(status(client, provider.url("/"))).isEqualTo(503);
        assertThat(provider.connections).hasValue(2);
        assertThat(provider.requests.get(0)).startsWith("GET /v1/models?limit=1 HTTP/1.1\r\n");
        await().until(() -> provider.left.get() == 2);
    }

    @Test
    void headers_and_body_are_sent_as_they_are() {
        OutboundRequest request = new OutboundRequest(
                Target.of(provider.url("/v1/messages")),
                "POST",
                Map.of("X-Api-Key", "a key", "Content-Type", "application/json"),
                "{\"max_tokens\":1}",
                LONG);
        assertThat(answer(client("127.0.0.1").send(request))).isEqualTo(200);
        assertThat(provider.requests.get(0))
                .startsWith("POST /v1/messages HTTP/1.1\r\n")
                .containsIgnoringCase("x-api-key: a key\r\n")
                .endsWith("\r\n\r\n{\"max_tokens\":1}");
    }

    @Test
    void a_host_that_is_not_listed_is_neither_resolved_nor_connected_to() {
        OutboundClient client = client("127.0.0.1");
        assertThatThrownBy(() -> status(client, "http://other.test:" + provider.port() + "/"))
                .hasMessage("the host is not on outbound-hosts");
        OutboundClient none = new OutboundClient(vertx, OutboundHosts.none());
        clients.add(none);
        assertThatThrownBy(() -> status(none, provider.url("/"))).hasMessage("the host is not on outbound-hosts");
        assertThat(resolved).hasValue(0);
        assertThat(provider.connections).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.2",
                "10.0.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.168.0.1",
                "0.0.0.0",
                "fd00:ec2::254",
                "fe80::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:7f00:1::"
            })
    void a_listed_name_that_leads_to_an_address_that_is_not_public_is_not_asked(String address) {
        OutboundClient client = client(address);
        assertThatThrownBy(() -> status(client, name("/")))
                .hasMessage("the host leads to an address that is not public, and not on outbound-hosts");
        assertThat(provider.connections).hasValue(0);
    }

    @Test
    void a_port_that_is_not_listed_is_not_asked_neither_of_the_name_nor_of_its_address() {
        String port = String.valueOf(Target.of(provider.url("/")).port());
        OutboundClient otherPort =
                client(OutboundHosts.of(List.of("provider.test:1", "127.0.0.1")), new HttpClientOptions(), "127.0.0.1");
        assertThatThrownBy(() -> status(otherPort, name("/")))
                .hasMessage("the host is on outbound-hosts with another port");
        OutboundClient otherOfAddress = client(
                OutboundHosts.of(List.of("provider.test:" + port, "127.0.0.1:1")),
                new HttpClientOptions(),
                "127.0.0.1");
        assertThatThrownBy(() -> status(otherOfAddress, name("/"))).hasMessageContaining("not public");
        assertThat(provider.connections).hasValue(0);

        OutboundClient both = client(
                OutboundHosts.of(List.of("provider.test:" + port, "127.0.0.1:" + port)),
                new HttpClientOptions(),
                "127.0.0.1");
        assertThat(status(both, name("/"))).isEqualTo(200);
    }

    @Test
    void one_bad_address_among_several_is_enough() {
        assertThatThrownBy(() -> status(client("127.0.0.1,10.0.0.1"), name("/")))
                .hasMessageContaining("not public");
        assertThat(provider.connections).hasValue(0);
    }

    @Test
    void a_name_that_leads_elsewhere_a_moment_later_gains_nothing() {
        OutboundClient client = client("127.0.0.1", "10.0.0.1");
        assertThat(status(client, name("/"))).isEqualTo(200);
        assertThat(resolved).as("once a connection").hasValue(1);
        assertThatThrownBy(() -> status(client, name("/"))).hasMessageContaining("not public");
        assertThat(provider.connections).hasValue(1);
        assertThat(provider.requests.get(0)).containsIgnoringCase("host: provider.test:" + provider.port());
    }

    @Test
    void a_name_without_an_address_is_no_answer() {
        assertThatThrownBy(() -> status(client(""), name("/"))).hasMessage("the name of the host has no address");
        OutboundClient real = new OutboundClient(vertx, OutboundHosts.of(List.of("nowhere.invalid")));
        clients.add(real);
        assertThatThrownBy(() -> status(real, "http://nowhere.invalid/"))
                .hasMessage("the name of the host has no address");
    }

    @Test
    void the_usual_resolver_finds_this_machine() {
        OutboundClient real = new OutboundClient(vertx, OutboundHosts.of(List.of("localhost", "127.0.0.1", "::1")));
        clients.add(real);
        assertThat(status(real, "http://localhost:" + provider.port() + "/")).isEqualTo(200);
    }

    @Test
    void a_redirect_is_an_answer_and_not_followed() {
        try (Provider other = new Provider()) {
            provider.answer((socket, out) -> Provider.write(
                    out, "HTTP/1.1 302 X\r\nLocation: " + other.url("/") + "\r\nContent-Length: 0\r\n\r\n"));
            assertThat(status(client("127.0.0.1"), provider.url("/"))).isEqualTo(302);
            await().until(() -> provider.left.get() == 1);
            assertThat(other.connections).hasValue(0);
        }
    }

    @Test
    void an_answer_that_does_not_come_is_not_waited_for_and_the_connection_is_closed() {
        provider.answer(Provider::hang);
        assertThatThrownBy(() -> status(client("127.0.0.1"), provider.url("/"), SHORT))
                .hasMessage("there was no answer in time");
        await().until(() -> provider.left.get() == 1);
    }

    @Test
    void a_head_that_comes_byte_by_byte_does_not_prolong_the_time() {
        provider.answer((socket, out) -> {
            Provider.write(out, "HTTP/1.1 200 X\r\n");
            for (int i = 0; !Thread.interrupted(); i++) {
                Provider.write(out, "X-" + i + ": " + i + "\r\n");
                LockSupport.parkNanos(20_000_000);
            }
        });
        assertThatThrownBy(() -> status(client("127.0.0.1"), provider.url("/"), SHORT))
                .hasMessage("there was no answer in time");
        await().until(() -> provider.left.get() == 1);
    }

    @Test
    void informational_answers_without_end_are_no_answer() {
        provider.answer((socket, out) -> {
            while (!Thread.interrupted()) {
                Provider.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                LockSupport.parkNanos(5_000_000);
            }
        });
        assertThatThrownBy(() -> status(client("127.0.0.1"), provider.url("/"), SHORT))
                .isInstanceOf(OutboundException.class);
        await().until(() -> provider.left.get() == 1);
    }

    @Test
    void a_body_without_end_is_not_read() {
        provider.answer((socket, out) -> {
            Provider.write(out, "HTTP/1.1 200 X\r\nContent-Length: 1000000000000\r\n\r\n");
            byte[] piece = new byte[65_536];
            while (!Thread.interrupted()) {
                out.write(piece);
            }
        });
        assertThat(status(client("127.0.0.1"), provider.url("/"))).isEqualTo(200);
        await().until(() -> provider.left.get() == 1);
    }

    @Test
    void a_head_without_end_is_no_answer() {
        provider.answer((socket, out) -> {
            Provider.write(out, "HTTP/1.1 200 X\r\n");
            String line = "X: " + "a".repeat(1_000) + "\r\n";
            while (!Thread.interrupted()) {
                Provider.write(out, line);
            }
        });
        assertThatThrownBy(() -> status(client("127.0.0.1"), provider.url("/"))).isInstanceOf(OutboundException.class);
        await().until(() -> provider.left.get() == 1);
    }

    @Test
    void nonsense_and_a_cut_are_no_answer() {
        provider.answer((socket, out) -> Provider.write(out, "SSH-2.0-OpenSSH_9.6\r\n\r\n"));
        assertThatThrownBy(() -> status(client("127.0.0.1"), provider.url("/"))).isInstanceOf(OutboundException.class);
        provider.answer((socket, out) -> socket.close());
        assertThatThrownBy(() -> status(client("127.0.0.1"), provider.url("/")))
                .hasMessage("the connection was broken before there was an answer");
        int port = provider.port();
        provider.close();
        assertThatThrownBy(() -> status(client("127.0.0.1"), "http://127.0.0.1:" + port + "/"))
                .hasMessage("no connection was accepted");
    }

    @Test
    void with_tls_the_certificate_must_be_that_of_the_name(@TempDir Path good, @TempDir Path other) throws Exception {
        Certificate.in(good, "dns:provider.test");
        Certificate.in(other, "dns:other.test,ip:127.0.0.1");
        try (Provider right = new Provider(sockets(good));
                Provider wrong = new Provider(sockets(other))) {
            HttpClientOptions trust = new HttpClientOptions()
                    .setTrustOptions(new PemTrustOptions()
                            .addCertPath(good.resolve("cert.pem").toString())
                            .addCertPath(other.resolve("cert.pem").toString()));
            OutboundClient client = client(trust, "127.0.0.1");
            assertThat(status(client, "https://provider.test:" + right.port() + "/"))
                    .isEqualTo(200);
            assertThatThrownBy(() -> status(client, "https://provider.test:" + wrong.port() + "/"))
                    .as("though it is one for the address")
                    .hasMessage("TLS failed, or the certificate is not one for this host");
            assertThat(status(client, "https://127.0.0.1:" + wrong.port() + "/"))
                    .isEqualTo(200);

            OutboundClient untrusting = client("127.0.0.1");
            assertThatThrownBy(() -> status(untrusting, "https://provider.test:" + right.port() + "/"))
                    .hasMessage("TLS failed, or the certificate is not one for this host");
            assertThat(right.requests).hasSize(1);
        }
    }

    private String name(String path) {
        return "http://provider.test:" + provider.port() + path;
    }

    private OutboundClient client(String... answers) {
        return client(new HttpClientOptions(), answers);
    }

    /** A client whose resolver gives one answer after the other, the last for ever; addresses with commas. */
    private OutboundClient client(HttpClientOptions trust, String... answers) {
        return client(LISTED, trust, answers);
    }

    private OutboundClient client(OutboundHosts listed, HttpClientOptions trust, String... answers) {
        Names names = name -> {
            String answer = answers[Math.min(resolved.getAndIncrement(), answers.length - 1)];
            List<InetAddress> addresses = new ArrayList<>();
            for (String each : answer.split(",")) {
                if (!each.isEmpty()) {
                    addresses.add(literal(each));
                }
            }
            return Future.succeededFuture(addresses);
        };
        OutboundClient client = new OutboundClient(vertx, listed, names, trust);
        clients.add(client);
        return client;
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static int status(OutboundClient client, String url) {
        return status(client, url, LONG);
    }

    private static int status(OutboundClient client, String url, Duration timeout) {
        return answer(client.send(new OutboundRequest(Target.of(url), "GET", Map.of(), null, timeout)));
    }

    private static int answer(Future<Integer> status) {
        try {
            return status.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw (RuntimeException) failed.getCause();
        } catch (InterruptedException | TimeoutException failed) {
            throw new AssertionError(failed);
        }
    }

    private static ServerSocketFactory sockets(Path folder) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("store.p12"))) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }
}
