package dev.interlock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The fake provider behaves on the wire as its script says, seen with the JDK's client. */
class FakeProviderTest {
    private final FakeProvider provider = FakeProvider.start();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void unscripted_it_answers_200_with_an_empty_object() throws Exception {
        HttpResponse<String> answer = post("{\"prompt\":\"hi\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
        assertThat(provider.requests()).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.target()).isEqualTo("/v1/chat?x=1");
            assertThat(request.body()).isEqualTo("{\"prompt\":\"hi\"}");
            assertThat(request.header("Content-Type")).isEqualTo("application/json");
        });
    }

    @Test
    void answers_come_in_the_order_of_the_script_and_then_the_other_one() throws Exception {
        provider.then(Answer.status(429).withRetryAfter(Duration.ofMillis(6_001)))
                .then(Answer.json(500, "{\"error\":{}}"))
                .otherwise(Answer.status(204));

        assertThat(post("").headers().firstValue("Retry-After")).hasValue("7");
        assertThat(post("").body()).isEqualTo("{\"error\":{}}");
        assertThat(post("").statusCode()).isEqualTo(204);
        assertThat(post("").statusCode()).isEqualTo(204);
    }

    @Test
    void answers_can_depend_on_what_is_asked() throws Exception {
        provider.then(Answer.status(429)).answering(request -> Answer.json("[" + request.body() + "]"));

        assertThat(post("1").statusCode()).isEqualTo(429);
        assertThat(post("2").body()).isEqualTo("[2]");
        assertThat(post("3").body()).isEqualTo("[3]");
    }

    @Test
    void it_hangs_up_without_a_byte() {
        provider.otherwise(Answer.hangUp());

        assertThatThrownBy(() -> post("")).isInstanceOf(IOException.class).hasRootCauseInstanceOf(EOFException.class);
    }

    @Test
    void it_resets_the_connection() {
        provider.otherwise(Answer.reset());

        assertThatThrownBy(() -> post("")).isInstanceOf(IOException.class).hasStackTraceContaining("reset");
    }

    @Test
    void a_body_is_cut_in_order() {
        provider.otherwise(Answer.json("{\"half\":").thenClosed());

        assertThatThrownBy(() -> post("")).isInstanceOf(IOException.class).hasStackTraceContaining("EOF");
    }

    @Test
    void it_stalls_until_the_client_gives_up() {
        provider.otherwise(Answer.stall());

        assertThatThrownBy(() -> client.send(
                        request("").timeout(Duration.ofMillis(100)).build(), HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void a_stall_ends_with_the_provider() {
        provider.otherwise(Answer.stall());
        CompletableFuture<HttpResponse<String>> stalled =
                client.sendAsync(request("").build(), HttpResponse.BodyHandlers.ofString());

        provider.close();

        assertThatThrownBy(stalled::join).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void a_stream_comes_in_pieces() throws Exception {
        provider.then(Answer.events("one", "two"));

        assertThat(post("").body()).isEqualTo("data: one\n\ndata: two\n\n");
        assertThat(post("").body()).as("the connection goes on").isEqualTo("{}");
    }

    @Test
    void a_stream_is_reset_after_its_first_piece() throws Exception {
        provider.then(Answer.events("one").thenStalled());
        HttpResponse<InputStream> answer = client.send(request("").build(), HttpResponse.BodyHandlers.ofInputStream());
        BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("data: one");
        assertThat(lines.readLine()).isEmpty();

        provider.close();

        assertThatThrownBy(lines::readLine).isInstanceOf(IOException.class);
    }

    @Test
    void a_request_in_chunks_is_read_whole() throws Exception {
        HttpRequest.BodyPublisher unknownLength =
                HttpRequest.BodyPublishers.ofByteArrays(java.util.List.of(new byte[] {'a'}, new byte[] {'b', 'c'}));

        client.send(
                HttpRequest.newBuilder(provider.uri("/")).POST(unknownLength).build(),
                HttpResponse.BodyHandlers.discarding());

        assertThat(provider.requests().get(0).body()).isEqualTo("abc");
    }

    @Test
    void what_is_no_status_or_no_header_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Answer.status(99))
                .withMessage("status must be 200 to 599, but was 99");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Answer.status(200).withHeader("A", "b\r\nC: d"))
                .withMessageStartingWith("A header has one line");
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return client.send(request(body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String body) {
        return HttpRequest.newBuilder(provider.uri("/v1/chat?x=1"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }
}
