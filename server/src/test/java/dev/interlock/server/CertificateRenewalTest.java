package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that is renewed in its files is shown without a restart; one that cannot be used changes nothing. */
@Tag("heavy")
@Tag("thorough")
class CertificateRenewalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void a_renewed_pair_is_shown_to_new_connections_and_a_bad_one_is_not() throws Exception {
        Map<String, String> settings = Certificate.in(folder);
        Path certificate = Path.of(settings.get("tls-cert"));
        Path key = Path.of(settings.get("tls-key"));
        try (RunningServer server = new RunningServer(settings)) {
            BigInteger first = shown(server).getSerialNumber();
            HttpClient connected = client();
            assertThat(ask(connected, server).statusCode()).isEqualTo(200);
            assertThat(end(server)).isGreaterThan(System.currentTimeMillis() / 1e3);

            Map<String, String> second = Certificate.in(Files.createDirectory(folder.resolve("second")));
            Map<String, String> third = Certificate.in(Files.createDirectory(folder.resolve("third")));
            replace(Path.of(second.get("tls-cert")), certificate);
            replace(Path.of(third.get("tls-key")), key); // of another certificate
            replace(Path.of(third.get("tls-cert")), certificate);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(shown(server).getSerialNumber()).isNotEqualTo(first));
            BigInteger now = shown(server).getSerialNumber();
            assertThat(ask(connected, server).statusCode())
                    .as("what was connected before")
                    .isEqualTo(200);

            Files.writeString(key, "no key");
            Map<String, String> fourth = Certificate.in(Files.createDirectory(folder.resolve("fourth")));
            assertThat(shown(server).getSerialNumber()).isEqualTo(now);
            replace(Path.of(fourth.get("tls-key")), key);
            replace(Path.of(fourth.get("tls-cert")), certificate);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(shown(server).getSerialNumber()).isNotEqualTo(now));
            assertThat(ask(client(), server).version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
    }

    @Test
    void a_server_does_not_start_with_a_key_of_another_certificate() throws IOException {
        Map<String, String> settings = Certificate.in(folder);
        Map<String, String> other = Certificate.in(Files.createDirectory(folder.resolve("other")));
        replace(Path.of(other.get("tls-key")), Path.of(settings.get("tls-key")));
        assertThatThrownBy(() -> new RunningServer(settings))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the key is not that of the certificate");
    }

    /** As programs that renew certificates do: in one move. */
    private static void replace(Path from, Path to) throws IOException {
        Path beside = to.resolveSibling(to.getFileName() + ".new");
        Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
        Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static double end(RunningServer server) throws Exception {
        HttpRequest metrics = HttpRequest.newBuilder(uri(server, "/metrics"))
                .header("Authorization", "Bearer " + RunningServer.token("viewer@default"))
                .build();
        return client().send(metrics, BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("interlock_tls_certificate_end_seconds "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private static X509Certificate shown(RunningServer server) throws Exception {
        SSLSession session = ask(client(), server).sslSession().orElseThrow();
        return (X509Certificate) session.getPeerCertificates()[0];
    }

    private static HttpClient client() {
        return HttpClient.newBuilder().sslContext(Certificate.trustingClient()).build();
    }

    private static HttpResponse<String> ask(HttpClient client, RunningServer server) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(server, "/healthz")).build(), BodyHandlers.ofString());
    }

    private static URI uri(RunningServer server, String path) {
        return URI.create("https://127.0.0.1:" + server.server().port() + path);
    }
}
