package dev.interlock.snippets;

import static java.net.http.HttpResponse.BodyHandlers.discarding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ProbeTrust;
import dev.interlock.StateTransition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The blocks of docs/probes.md, with a provider on this machine. */
class ProbesSnippetsTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final Log log = new Log();
    private volatile int status = 200;
    private HttpServer provider;

    private static final class Log {
        final List<String> lines = new CopyOnWriteArrayList<>();

        void warn(String line) {
            lines.add(line);
        }
    }

    @BeforeEach
    void start() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/v1/models", exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.stop(0);
    }

    private HttpRequest models(CircuitId id) {
        assertThat(id.name()).startsWith("model:");
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + provider.getAddress().getPort() + "/v1/models"))
                .build();
    }

    @Test
    void a_probe_earns_trust_and_opens_the_circuit_of_a_model_that_is_down() {
        // tag::register-a-probe[]
        var circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.recommendedWithProbe())
                .policy("model:*", CircuitBreakerConfig.upstreamWithProbe())
                .probe("model:*", id -> client.send(models(id), discarding()).statusCode() == 200)
                .build();
        // end::register-a-probe[]
        try (circuits) {
            // tag::listen-to-trust[]
            circuits.addListener(new CircuitListener() {
                @Override
                public void onTransition(StateTransition transition) {}

                @Override
                public void onProbeTrust(ProbeTrust change) {
                    log.warn(change.describe());
                }
            });
            // end::listen-to-trust[]
            var model = circuits.getOrCreate("model:kimi-k2");
            model.recordFailure(FailureKind.SERVER_ERROR);
            await().untilAsserted(() -> assertThat(log.lines)
                    .containsExactly(
                            "model:kimi-k2: probes are trusted, a probe succeeded while the circuit was closed"));

            status = 503;
            model.recordFailure(FailureKind.SERVER_ERROR);
            await().until(() -> model.state() == CircuitState.OPEN);
        }
    }
}
