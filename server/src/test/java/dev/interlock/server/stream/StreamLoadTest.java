package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Rounds;
import dev.interlock.server.RunningServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A thousand clients, one of which never reads: the others lose nothing, and it finds its way back when it reads. */
@Tag("heavy")
@Tag("thorough")
class StreamLoadTest {
    private static final int CLIENTS = Math.min(1_000, Rounds.of(1_000, 50));
    private static final int AGENTS_FOR_ALL = 1_500;
    private static final int AGENTS = 15_000;
    private static final int AGENTS_AT_ONCE = 150;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void one_that_never_reads_holds_up_nobody() {
        Vertx vertx = Vertx.vertx();
        try (RunningServer server = new RunningServer()) {
            WebSocketClient client = vertx.createWebSocketClient(
                    new WebSocketClientOptions().setMaxConnections(2 * CLIENTS).setMaxMessageSize(1 << 20));
            List<Reader> readers = new ArrayList<>();
            for (int i = 1; i < CLIENTS; i++) {
                readers.add(new Reader());
            }
            Future.all(readers.stream()
                            .map(reader -> connect(client, server, reader))
                            .toList())
                    .await();
            WebSocketClient slowClient =
                    vertx.createWebSocketClient(new WebSocketClientOptions().setReceiveBufferSize(4_096));
            List<JsonObject> heardLate = new CopyOnWriteArrayList<>();
            WebSocket deaf = slowClient.connect(options(server)).await();
            deaf.pause();
            deaf.textMessageHandler(text -> heardLate.add(new JsonObject(text)));

            open(server, 0, AGENTS_FOR_ALL, readers);
            assertThat(readers).allMatch(reader -> reader.isWhole(AGENTS_FOR_ALL));

            // The kernel's buffers hold megabytes: more is sent, to fewer, until the deaf one has lost track.
            List<Reader> some = readers.subList(0, 10);
            Future.all(readers.subList(10, readers.size()).stream()
                            .map(each -> each.socket.close())
                            .toList())
                    .await();
            open(server, AGENTS_FOR_ALL, AGENTS, some);
            assertThat(some).allMatch(reader -> reader.isWhole(AGENTS));

            deaf.resume();
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(agentsAfterResync(heardLate)).hasSize(AGENTS));
        } finally {
            vertx.close().await();
        }
    }

    /** What the client that could not keep up knows after it was asked to start again. */
    private static Set<String> agentsAfterResync(List<JsonObject> heard) {
        Set<String> agents = new HashSet<>();
        boolean resync = false;
        for (JsonObject message : heard) {
            JsonObject data = message.getJsonObject("data");
            if (message.getString("type").equals("resync")) {
                resync = true;
                agents.clear();
            } else if (resync && message.getString("type").equals("snapshot")) {
                data.getJsonArray("circuits")
                        .forEach(circuit -> agents.add(((JsonObject) circuit).getString("agent_id")));
            }
        }
        return agents;
    }

    /** Trips circuits, and waits from time to time until all who read have heard so. */
    private static void open(RunningServer server, int first, int end, List<Reader> readers) {
        for (int from = first; from < end; from += AGENTS_AT_ONCE) {
            open(server, from, from + AGENTS_AT_ONCE);
            int expected = from + AGENTS_AT_ONCE;
            await().atMost(PATIENCE).until(() -> readers.stream().allMatch(each -> each.changes.get() >= expected));
        }
    }

    /** Five failures each. */
    private static void open(RunningServer server, int from, int to) {
        StringBuilder batch = new StringBuilder();
        for (int agent = from; agent < to; agent++) {
            batch.append(("{\"agent_id\":\"agent-" + agent + "\",\"outcome\":\"failure\"}\n").repeat(5));
        }
        assertThat(RunningServer.json(server.send(server.request("/api/v1/outcomes", "agent@acme")
                                .header("Content-Type", "application/x-ndjson")
                                .POST(BodyPublishers.ofString(batch.toString()))
                                .build()))
                        .getInteger("counted"))
                .isEqualTo(5 * (to - from));
    }

    private static Future<WebSocket> connect(WebSocketClient client, RunningServer server, Reader reader) {
        return client.connect(options(server)).onSuccess(socket -> {
            reader.socket = socket;
            socket.textMessageHandler(reader::hear);
        });
    }

    private static WebSocketConnectOptions options(RunningServer server) {
        return new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(server.uri("/").getPort())
                .setURI("/api/v1/stream")
                .addHeader("Authorization", "Bearer " + RunningServer.token("viewer@acme"));
    }

    /** A client that reads; on its own event loop. */
    private static final class Reader {
        private static final String PREFIX = "{\"type\":\"circuit_state\",\"seq\":";

        final AtomicInteger changes = new AtomicInteger();
        private volatile WebSocket socket;
        private long lastSeq;
        private volatile boolean outOfOrder;
        private volatile boolean resync;

        void hear(String text) {
            if (text.startsWith(PREFIX)) {
                long seq = Long.parseLong(text, PREFIX.length(), text.indexOf(',', PREFIX.length()), 10);
                outOfOrder |= seq <= lastSeq;
                lastSeq = seq;
                changes.incrementAndGet();
            } else if (text.startsWith("{\"type\":\"resync\"")) {
                resync = true;
            }
        }

        boolean isWhole(int expected) {
            return changes.get() == expected && !outOfOrder && !resync;
        }
    }
}
