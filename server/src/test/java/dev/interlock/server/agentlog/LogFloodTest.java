package dev.interlock.server.agentlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One organization floods the log of a running server: it is refused, another is not, and what was accepted is kept. */
@Tag("heavy")
@Tag("thorough")
class LogFloodTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int ENTRIES = 1_000;
    private static final int LONGEST_BODY = 8_388_608;

    @TempDir
    Path folder;

    @Test
    void a_flood_of_long_entries_is_refused_and_no_accepted_row_is_lost() throws SQLException {
        JsonArray entries = new JsonArray();
        for (int i = 0; i < ENTRIES; i++) {
            entries.add(entry("x-" + i % 50)
                    .put("input_summary", "x".repeat(1_900))
                    .put("output_summary", "y".repeat(1_900))
                    .put("error_message", "z".repeat(1_900)));
        }
        flood(new JsonObject().put("entries", entries).encode(), 200);
    }

    @Test
    void a_flood_of_short_entries_is_refused_and_does_not_refuse_another_organization() throws SQLException {
        JsonArray entries = new JsonArray();
        for (int i = 0; i < ENTRIES; i++) {
            entries.add(entry("x-" + i % 50));
        }
        flood(new JsonObject().put("entries", entries).encode(), 400);
    }

    /** Until the flooder was refused some times, or so many batches were sent. */
    private void flood(String batch, int most) throws SQLException {
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger left = new AtomicInteger(most);
        AtomicBoolean done = new AtomicBoolean();
        HttpClient flooder = HttpClient.newHttpClient();
        int quiet = 0;
        try (RunningServer server = RunningServer.on(folder)) {
            List<CompletableFuture<Void>> senders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                senders.add(CompletableFuture.runAsync(() -> {
                    while (left.getAndDecrement() > 0 && refused.get() < 20) {
                        (isAccepted(server, flooder, batch) ? accepted : refused).incrementAndGet();
                    }
                }));
            }
            CompletableFuture<Void> all = CompletableFuture.allOf(senders.toArray(CompletableFuture[]::new))
                    .whenComplete((nothing, failed) -> done.set(true));
            while (!done.get()) {
                JsonObject one = new JsonObject()
                        .put("entries", new JsonArray().add(entry("planner").put("entry_id", "quiet-" + quiet)));
                HttpResponse<String> answer = server.post("/api/v1/logs/batch", "agent@good", one.encode());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                quiet++;
            }
            all.join();
            await().atMost(SOON).until(() -> figure(server, "interlock_log_backlog") == 0);
            assertThat(figure(server, "interlock_log_rows_lost_total")).isZero();
            assertThat(refused).as("the flooder is refused").hasPositiveValue();
            assertThat(server.get("/readyz", null).body()).contains("\"ok\"");
        }
        assertThat(rows("good")).as("rows of the quiet organization").isEqualTo(quiet);
        assertThat(rows("evil")).as("accepted rows of the flooder").isEqualTo((long) accepted.get() * ENTRIES);
    }

    /** A refusal may come, and the connection end, while the client still sends: then it sees no answer. */
    private static boolean isAccepted(RunningServer server, HttpClient flooder, String batch) {
        try {
            HttpRequest request = server.request("/api/v1/logs/batch", "agent@evil")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(batch))
                    .build();
            int status =
                    flooder.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
            assertThat(status).isIn(200, 429);
            return status == 200;
        } catch (IOException cut) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void unfinished_bodies_of_one_organization_do_not_refuse_another() throws IOException {
        try (RunningServer server = new RunningServer()) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 8; i++) {
                    Socket socket = new Socket("127.0.0.1", server.server().port());
                    sockets.add(socket);
                    unfinished(socket);
                }
                String one = new JsonObject()
                        .put("entries", new JsonArray().add(entry("planner")))
                        .encode();
                HttpResponse<String> other = server.post("/api/v1/logs/batch", "agent@good", one);
                assertThat(other.statusCode()).as(other.body()).isEqualTo(200);
                await().atMost(SOON).until(() -> firstAnswer(sockets).contains(" 429 "));
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            String large = new JsonObject()
                    .put("entries", new JsonArray().add(entry("planner").put("input_summary", "x".repeat(4_000_000))))
                    .encode();
            await().atMost(SOON)
                    .until(() -> server.post("/api/v1/logs/batch", "agent@evil", large)
                                    .statusCode()
                            == 200);
        }
    }

    /**
     * By its head, which says how long it is: to read and judge it first would be for nothing, and take time of others.
     */
    @Test
    void a_batch_for_which_there_is_no_room_is_refused_before_it_is_read() throws IOException {
        try (RunningServer server = new RunningServer()) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 5; i++) {
                    Socket socket = new Socket("127.0.0.1", server.server().port());
                    sockets.add(socket);
                    socket.getOutputStream().write(head(LONGEST_BODY));
                }
                await().atMost(SOON).until(() -> firstAnswer(sockets).contains(" 429 "));
                assertThat(server.post(
                                        "/api/v1/logs/batch",
                                        "agent@good",
                                        new JsonObject()
                                                .put("entries", new JsonArray().add(entry("planner")))
                                                .encode())
                                .statusCode())
                        .isEqualTo(200);
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            await().atMost(SOON)
                    .untilAsserted(
                            () -> { // once the server has noticed that they are gone
                                Socket again =
                                        new Socket("127.0.0.1", server.server().port());
                                try (again) {
                                    again.setSoTimeout(300);
                                    again.getOutputStream().write(head(LONGEST_BODY));
                                    assertThatThrownBy(
                                                    () -> again.getInputStream().read())
                                            .isInstanceOf(SocketTimeoutException.class);
                                }
                            });
        }
    }

    /** The first line of the first of the sockets that was answered. */
    private static String firstAnswer(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            if (socket.getInputStream().available() > 0) {
                return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine();
            }
        }
        return "";
    }

    @Test
    void beyond_the_quota_of_the_day_entries_count_are_not_stored_and_everybody_is_notified() {
        try (RunningServer server = new RunningServer(Map.of("log-quota", "1"))) {
            JsonArray entries = new JsonArray();
            for (int i = 0; i < 400; i++) {
                entries.add(entry("x").put("input_summary", "x".repeat(1_900)));
            }
            String batch = new JsonObject().put("entries", entries).encode();
            JsonObject first = RunningServer.json(server.post("/api/v1/logs/batch", "agent@evil", batch));
            assertThat(first.getInteger("accepted")).isEqualTo(400);
            assertThat(first.containsKey("not_stored")).isFalse();

            JsonObject second = RunningServer.json(server.post("/api/v1/logs/batch", "agent@evil", batch));
            assertThat(second.getInteger("accepted")).isEqualTo(400);
            assertThat(second.getInteger("not_stored")).isBetween(300, 400);
            assertThat(second.getString("detail")).contains("quota");
            assertThat(server.get("/readyz", null).body())
                    .contains("\"degraded\"")
                    .contains("quota")
                    .doesNotContain("evil");
            assertThat(figure(server, "interlock_log_rows_beyond_quota_total"))
                    .isEqualTo((double) second.getInteger("not_stored"));

            JsonObject other = RunningServer.json(server.post("/api/v1/logs/batch", "agent@good", batch));
            assertThat(other.containsKey("not_stored")).isFalse();
        }
    }

    private static void unfinished(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(head(LONGEST_BODY));
        byte[] blanks = " ".repeat(65_536).getBytes(StandardCharsets.US_ASCII);
        try {
            for (int sent = 0; sent < LONGEST_BODY - 65_536; sent += blanks.length) {
                out.write(blanks);
            }
            out.write(blanks, 0, blanks.length - 1);
            out.flush();
        } catch (IOException refused) {
            assertThat(refused).as("the server closes what it has refused").isNotNull();
        }
    }

    private static byte[] head(int length) {
        return ("POST /api/v1/logs/batch HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Content-Type: application/json\r\n"
                        + "Authorization: Bearer "
                        + RunningServer.token("agent@evil") + "\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static double figure(RunningServer server, String name) {
        return RunningFigures.of(server, name);
    }

    private long rows(String organization) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("interlock.db"));
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT COUNT(*) FROM agent_execution_logs WHERE organization_id = ?"
                                + " AND action_type = 'llm_inference'")) {
            statement.setString(1, organization);
            try (ResultSet row = statement.executeQuery()) {
                return row.getLong(1);
            }
        }
    }

    private static JsonObject entry(String agent) {
        return new JsonObject()
                .put("agent_id", agent)
                .put("action_type", "llm_inference")
                .put("status", "success")
                .put("timestamp", Instant.now());
    }
}
