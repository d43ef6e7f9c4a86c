package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The stream over real WebSockets. Each test has an organization of its own. */
class StreamApiTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void first_comes_a_snapshot_and_then_what_changes_in_the_order_of_its_epochs() {
        order("ordered", "planner", "open");
        Listener listener = listen("viewer@ordered");
        JsonObject snapshot = listener.next("snapshot").getJsonObject("data");
        assertThat(snapshot.getBoolean("more")).isFalse();
        assertThat(snapshot.getJsonArray("circuits").getJsonObject(0).getString("state"))
                .isEqualTo("open");
        long epoch = snapshot.getJsonArray("circuits").getJsonObject(0).getLong("epoch");
        long seq = 0;
        for (String action : List.of("close", "open", "reset", "hold_open", "release")) {
            order("ordered", "planner", action);
            JsonObject change = listener.next("circuit_state");
            JsonObject data = change.getJsonObject("data");
            assertThat(data.getString("agent_id")).isEqualTo("planner");
            assertThat(data.getLong("epoch")).isGreaterThan(epoch);
            assertThat(change.getLong("seq")).isGreaterThan(seq);
            assertThat(data.getString("state"))
                    .isEqualTo(data.getJsonObject("stats").getString("state"));
            epoch = data.getLong("epoch");
            seq = change.getLong("seq");
        }
        listener.hangUp();
    }

    @Test
    void another_organization_hears_nothing() {
        Listener rival = listen("admin@rival");
        rival.next("snapshot");
        Listener own = listen("viewer@own");
        own.next("snapshot");
        order("own", "planner", "open");
        own.next("circuit_state");
        order("rival", "spy", "open");
        JsonObject heard = rival.next("circuit_state");
        assertThat(heard.getJsonObject("data").getString("agent_id")).isEqualTo("spy");
        assertThat(heard.getLong("seq")).isEqualTo(1);
        assertThat(rival.rest()).isEmpty();
        own.hangUp();
        rival.hangUp();
    }

    @Test
    void a_large_snapshot_comes_in_pieces() {
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            batch.append("{\"agent_id\":\"agent-").append(i).append("\",\"outcome\":\"success\"}\n");
        }
        HttpResponse<String> taken = server.send(server.request("/api/v1/outcomes", "agent@large")
                .header("Content-Type", "application/x-ndjson")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(batch.toString()))
                .build());
        assertThat(RunningServer.json(taken).getInteger("counted")).isEqualTo(10_000);
        Listener listener = listen("viewer@large");
        List<Object> agents = new ArrayList<>();
        JsonObject data;
        do {
            JsonObject message = listener.next();
            if (message.getString("type").equals("resync")) {
                agents.clear(); // the health of so many new agents is more than may wait: a fresh snapshot follows
                message = listener.next();
            }
            assertThat(message.getString("type")).isEqualTo("snapshot");
            data = message.getJsonObject("data");
            JsonArray piece = data.getJsonArray("circuits");
            assertThat(piece.size()).isLessThanOrEqualTo(Subscriber.PIECE);
            piece.forEach(circuit -> agents.add(((JsonObject) circuit).getString("agent_id")));
        } while (data.getBoolean("more"));
        assertThat(agents).hasSize(10_000).doesNotHaveDuplicates();
        listener.hangUp();
    }

    @Test
    void a_ping_is_answered_by_a_pong_in_text_and_in_the_protocol() {
        Listener listener = listen("viewer@pings");
        listener.next("snapshot");
        listener.say("{\"type\":\"ping\"}");
        assertThat(listener.next()).isEqualTo(new JsonObject().put("type", "pong"));
        listener.socket().sendPing(ByteBuffer.allocate(4)).join();
        listener.next("protocol-pong");
        listener.hangUp();
    }

    @Test
    void a_client_that_lost_track_asks_for_a_fresh_snapshot() {
        Listener listener = listen("viewer@lost");
        listener.next("snapshot");
        listener.say("{\"type\":\"resync\"}");
        listener.next("resync");
        listener.next("snapshot");
        listener.hangUp();
    }

    @Test
    void what_is_no_message_is_reported_and_what_is_too_much_is_the_end() {
        Listener listener = listen("viewer@rude");
        listener.next("snapshot");
        for (String rubbish : List.of("hello", "[]", "{}", "{\"type\":7}", "{\"type\":\"explode\"}")) {
            listener.say(rubbish);
            assertThat(listener.next("error").getJsonObject("data").getString("detail"))
                    .isEqualTo("A message must be {\"type\": \"ping\"} or {\"type\": \"resync\"}");
        }
        listener.say("x".repeat(5_000));
        assertThat(listener.closeCode()).isEqualTo(FrameGate.TOO_BIG);

        Listener chatty = listen("viewer@rude");
        chatty.sayUntilClosed("{\"type\":\"ping\"}", 1_000 * StreamSocket.MOST_A_SECOND);
        assertThat(chatty.closeCode()).isEqualTo(FrameGate.TOO_OFTEN);

        Listener binary = listen("viewer@rude");
        binary.socket().sendBinary(ByteBuffer.allocate(3), true).join();
        assertThat(binary.closeCode()).isEqualTo(StreamSocket.NOT_TEXT);
    }

    @Test
    void a_ticket_opens_one_stream() {
        HttpResponse<String> answer = server.post("/api/v1/stream/tickets", "viewer@browser", null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String path = "/api/v1/stream?ticket=" + RunningServer.json(answer).getString("ticket");
        Listener listener = Listener.connect(server.uri(path), builder -> builder);
        listener.next("snapshot");
        assertRefused(path, 401, builder -> builder);
        listener.hangUp();
    }

    @Test
    void a_browser_may_send_its_key_as_a_sub_protocol() {
        Listener listener = Listener.connect(
                server.uri("/api/v1/stream"),
                builder -> builder.subprotocols("interlock.v1", "bearer." + RunningServer.token("viewer@browser")));
        assertThat(listener.socket().getSubprotocol()).isEqualTo("interlock.v1");
        listener.next("snapshot");
        listener.hangUp();
    }

    @Test
    void who_may_not_hear_is_refused_before_the_handshake() {
        String stream = "/api/v1/stream";
        assertRefused(stream, 401, builder -> builder);
        assertRefused(stream, 401, builder -> builder.header("Authorization", "Bearer nonsense"));
        assertRefused(stream, 401, builder -> builder.subprotocols("interlock.v1", "bearer.nonsense"));
        assertRefused(
                stream, 403, builder -> builder.header("Authorization", "Bearer " + RunningServer.token("agent@acme")));
        assertRefused(stream + "?ticket=nonsense", 401, builder -> builder);
    }

    @Test
    void a_call_that_is_no_handshake_is_reported_so() {
        HttpResponse<String> answer = server.get("/api/v1/stream", "viewer@acme");
        assertThat(answer.statusCode()).isEqualTo(426);
        assertThat(RunningServer.json(answer).getString("detail")).contains("WebSocket");
    }

    @Test
    void a_removed_key_ends_its_streams() {
        JsonObject key = RunningServer.json(
                server.post("/api/v1/keys", "admin@revoked", "{\"name\":\"dashboard\",\"role\":\"viewer\"}"));
        Listener listener = Listener.connect(
                server.uri("/api/v1/stream"),
                builder -> builder.header("Authorization", "Bearer " + key.getString("key")));
        listener.next("snapshot");
        server.send("DELETE", "/api/v1/keys/" + key.getString("id"), "admin@revoked", null);
        assertThat(listener.closeCode()).isEqualTo(StreamEndpoints.NOT_ALLOWED_ANY_MORE);
    }

    @Test
    void a_server_that_shuts_down_says_goodbye_and_a_client_that_reconnects_starts_again() {
        Listener listener;
        try (RunningServer ending = new RunningServer()) {
            listener = Listener.connect(
                    ending.uri("/api/v1/stream"),
                    builder -> builder.header("Authorization", "Bearer " + RunningServer.token("viewer@acme")));
            listener.next("snapshot");
        }
        assertThat(listener.closeCode()).isEqualTo(StreamEndpoints.GOING_AWAY);
        Listener again = listen("viewer@again");
        again.hangUp();
        order("again", "planner", "open");
        Listener third = listen("viewer@again");
        assertThat(third.next("snapshot").getJsonObject("data").getJsonArray("circuits"))
                .hasSize(1);
        third.hangUp();
    }

    private static void assertRefused(String path, int status, UnaryOperator<WebSocket.Builder> more) {
        assertThatThrownBy(() -> Listener.connect(server.uri(path), more))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        refused ->
                                assertThat(refused.getResponse().statusCode()).isEqualTo(status));
    }

    private static Listener listen(String caller) {
        return Listener.connect(
                server.uri("/api/v1/stream"),
                builder -> builder.header("Authorization", "Bearer " + RunningServer.token(caller)));
    }

    private static void order(String organization, String agent, String action) {
        HttpResponse<String> answer = server.post(
                "/api/v1/circuits/" + agent + "/action", "operator@" + organization, "{\"action\":\"" + action + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
}
