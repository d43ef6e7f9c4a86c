package dev.interlock.server.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.CircuitId;
import dev.interlock.server.BusyIntake;
import dev.interlock.server.BusyIntake.Answer;
import dev.interlock.server.RunningServer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reports that come while the server's workers are busy are answered 503 with a time to wait; sent again, they count once. */
class SentAgainTest {
    private static final int FAILURES = 4;
    private static final Answer BUSY = new Answer(503, "5");
    private static final Answer TAKEN = new Answer(200, null);

    private BusyIntake server;

    @BeforeEach
    void start() throws IOException {
        server = new BusyIntake();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void an_exporter_sends_spans_again_that_had_no_turn() throws IOException {
        server.hasNoTurnUntilAnsweredBusy();

        assertThat(export("seen-only")).isTrue();

        assertBusyThenTaken();
        assertThat(failures("seen-only")).isEqualTo(FAILURES);
    }

    @Test
    void spans_that_were_counted_after_an_answer_503_do_not_count_again() throws IOException {
        server.countsOnlyWhenAnsweredBusy();

        assertThat(export("seen-only")).isTrue();

        assertBusyThenTaken();
        assertThat(failures("seen-only")).isEqualTo(FAILURES);
    }

    @Test
    void a_batch_of_the_log_that_had_no_turn_counts_when_it_is_sent_again() throws Exception {
        server.hasNoTurnUntilAnsweredBusy();
        String batch = batch("logged");

        HttpResponse<String> busy = send(batch);
        assertThat(new JsonObject(busy.body()).getString("type")).isEqualTo("unavailable");
        assertThat(new JsonObject(busy.body()).getString("detail")).endsWith("send this call again later");
        assertThat(failures("logged")).isZero();
        sendUntilTaken(batch);

        assertBusyThenTaken();
        assertThat(failures("logged")).isEqualTo(FAILURES);
    }

    @Test
    void a_batch_of_the_log_that_was_counted_after_an_answer_503_does_not_count_again() throws Exception {
        server.countsOnlyWhenAnsweredBusy();
        String batch = batch("logged");

        assertThat(send(batch).statusCode()).isEqualTo(503);
        sendUntilTaken(batch);

        assertBusyThenTaken();
        assertThat(failures("logged")).isEqualTo(FAILURES);
    }

    /** The server may note an answer a moment after its client has read it. */
    private void assertBusyThenTaken() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            List<Answer> answers = List.copyOf(server.answers());
            assertThat(answers).hasSizeGreaterThan(1).last().isEqualTo(TAKEN);
            assertThat(answers.subList(0, answers.size() - 1)).containsOnly(BUSY);
        });
    }

    private int failures(String agent) {
        return server.circuits()
                .snapshot(new CircuitId("default", agent))
                .figures()
                .failures();
    }

    private boolean export(String agent) throws IOException {
        Spans failing = Spans.at(Instant.now());
        for (int i = 0; i < FAILURES; i++) {
            failing.trace(i).agent(1, 0, agent, "a bug");
        }
        try (OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(server.uri("/v1/traces").toString())
                .addHeader("Authorization", "Bearer " + RunningServer.ADMIN_KEY)
                .setTimeout(Duration.ofMinutes(1))
                .setRetryPolicy(RetryPolicy.builder()
                        .setMaxAttempts(5)
                        .setInitialBackoff(Duration.ofMillis(300))
                        .build())
                .build()) {
            return exporter.export(RealExporter.spans(new ObjectMapper().readTree(failing.toString())))
                    .join(60, TimeUnit.SECONDS)
                    .isSuccess();
        }
    }

    private static String batch(String agent) {
        JsonArray entries = new JsonArray();
        for (int i = 0; i < FAILURES; i++) {
            entries.add(new JsonObject()
                    .put("entry_id", "entry-" + i)
                    .put("agent_id", agent)
                    .put("action_type", "llm_inference")
                    .put("status", "failure")
                    .put("timestamp", Instant.now()));
        }
        return new JsonObject().put("entries", entries).encode();
    }

    /** A machine that is busy itself may leave a worker without a turn once more. */
    private void sendUntilTaken(String batch) throws IOException, InterruptedException {
        HttpResponse<String> answer;
        do {
            answer = send(batch);
        } while (answer.statusCode() == BUSY.status());
        assertThat(new JsonObject(answer.body()).getInteger("accepted")).isEqualTo(FAILURES);
    }

    private HttpResponse<String> send(String batch) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.uri("/api/v1/logs/batch"))
                                .timeout(Duration.ofSeconds(30))
                                .header("Authorization", "Bearer " + RunningServer.ADMIN_KEY)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(batch))
                                .build(),
                        BodyHandlers.ofString());
    }
}
