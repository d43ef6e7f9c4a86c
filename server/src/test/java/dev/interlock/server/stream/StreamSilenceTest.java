package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RawConnection;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real WebSocket whose seconds are counted by hand: who says nothing is let go, who speaks is not. */
class StreamSilenceTest {
    private static final int SECONDS = 90;

    private final Vertx vertx = Vertx.vertx();
    private final StreamHub hub = new StreamHub(organization -> Collections.emptyIterator(), Instant::now);
    private final CompletableFuture<StreamSocket> opened = new CompletableFuture<>();
    private int port;

    @BeforeEach
    void listen() {
        Caller caller = new Caller("acme", Role.VIEWER, "ana", null, false);
        port = vertx.createHttpServer(StreamEndpoints.configure(new HttpServerOptions()))
                .webSocketHandler(socket ->
                        opened.complete(StreamSocket.open(socket, vertx.getOrCreateContext(), caller, hub, () -> {})))
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void a_client_that_answers_no_ping_for_90_seconds_is_let_go_with_4408() {
        // A library answers pings when it likes; once it is let go, and slow, its answer would break the connection.
        try (RawStream client = new RawStream(new RawConnection(port), null, "")) {
            seconds(SECONDS);
            assertThat(silent()).isEqualTo(SECONDS);
            assertThat(opened.join().isFull()).as("closed").isFalse();
            seconds(1);
            byte[] goodbye = client.goodbye();
            assertThat(ByteBuffer.wrap(goodbye).getShort()).isEqualTo((short) 4408);
            assertThat(new String(goodbye, 2, goodbye.length - 2, StandardCharsets.UTF_8))
                    .isEqualTo("nothing was heard for 90 s");
        }
    }

    @Test
    void a_client_that_speaks_stays() {
        Client client = new Client();
        for (int i = 0; i < 3; i++) {
            seconds(SECONDS - 1);
            client.socket.sendText("{\"type\":\"ping\"}", true).join();
            await().atMost(Duration.ofSeconds(30)).until(() -> silent() == 0);
        }
        assertThat(client.closed).isNotDone();
    }

    private void seconds(int count) {
        StreamSocket socket = opened.join();
        for (int i = 0; i < count; i++) {
            socket.tick();
        }
        silent(); // until all have been counted: what is said next is heard after them
    }

    /** For how many seconds the server has heard nothing, once it has done what was asked before. */
    private int silent() {
        CompletableFuture<Integer> silent = new CompletableFuture<>();
        StreamSocket socket = opened.join();
        socket.run(() -> silent.complete(socket.silentSeconds()));
        return silent.join();
    }

    private final class Client implements WebSocket.Listener {
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final WebSocket socket;

        Client() {
            socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/"), this)
                    .join();
            socket.request(1_000);
        }

        @Override
        public void onOpen(WebSocket webSocket) {}

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int code, String why) {
            closed.complete(code);
            return null;
        }
    }
}
