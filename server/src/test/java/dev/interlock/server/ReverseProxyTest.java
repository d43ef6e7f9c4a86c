package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.server.http.BasePath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server behind a reverse proxy, which shows it below a path or at the root of a host of its own. */
class ReverseProxyTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Pattern FILE = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

    @ParameterizedTest
    @CsvSource({
        "/interlock, KEPT, /interlock",
        "/teams/ai, KEPT, /teams/ai",
        "/interlock, TAKEN_OFF, /interlock",
        "/interlock, TAKEN_OFF_SILENTLY, ''",
        "'', KEPT, ''"
    })
    void page_api_links_and_stream_work(String prefix, ReverseProxy.Path path, String links) throws Exception {
        try (RunningServer server = new RunningServer(settings(prefix));
                ReverseProxy proxy = new ReverseProxy(server.server().port(), prefix, path)) {
            HttpResponse<String> page = get(proxy.address("/"));
            assertThat(page.statusCode()).isEqualTo(200);
            Matcher file = FILE.matcher(page.body());
            int files = 0;
            while (file.find()) {
                assertThat(get(proxy.address("/").resolve(file.group(1))).statusCode())
                        .as(file.group(1))
                        .isEqualTo(200);
                files++;
            }
            assertThat(files).isGreaterThan(5);

            for (String agent : new String[] {"a/b", "c", "d"}) {
                String encoded = agent.replace("/", "%2F");
                HttpResponse<String> permit =
                        send(request(proxy.address("/api/v1/circuits/" + encoded + "/permits"), "agent@acme")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{}")));
                assertThat(permit.statusCode()).as(permit.body()).isEqualTo(200);
                assertThat(new JsonObject(permit.body()).getString("agent_id")).isEqualTo(agent);
            }

            HttpResponse<String> first = send(request(proxy.address("/api/v1/agents?limit=2"), "viewer@acme"));
            String next = first.headers().firstValue("Link").orElseThrow();
            assertThat(next).startsWith("<" + links + "/api/v1/agents?limit=2&").endsWith(">; rel=\"next\"");
            if (!links.isEmpty() || prefix.isEmpty()) {
                URI second = proxy.address("/").resolve(next.substring(1, next.indexOf('>')));
                assertThat(new JsonObject(send(request(second, "viewer@acme")).body()).getJsonArray("agents"))
                        .hasSize(1);
            }

            assertThat(firstMessage(proxy.address("/api/v1/stream"))).contains("\"type\":\"snapshot");
            assertThat(get(proxy.address("/nothing/here")).body()).contains("There is nothing at /nothing/here");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/interlock, KEPT, /interlock",
        "/teams/ai, TAKEN_OFF, /teams/ai",
        "/interlock, TAKEN_OFF_SILENTLY, ''",
        "'', KEPT, ''"
    })
    void documents_are_found_by_each_other_and_by_refusals(String prefix, ReverseProxy.Path path, String links)
            throws Exception {
        try (RunningServer server = new RunningServer(settings(prefix));
                ReverseProxy proxy = new ReverseProxy(server.server().port(), prefix, path)) {
            assertThat(proxy.address("/docs").resolve(header(get(proxy.address("/docs")), "Location")))
                    .isEqualTo(proxy.address("/docs/"));
            URI runbook = proxy.address("/docs/operations/runbook.html");
            Matcher link = FILE.matcher(get(runbook).body());
            int found = 0;
            while (link.find()) {
                if (!link.group(1).startsWith("#")) {
                    URI to = runbook.resolve(link.group(1).replaceFirst("#.*", ""));
                    assertThat(get(to).statusCode()).as(link.group(1)).isEqualTo(200);
                    found++;
                }
            }
            assertThat(found).isGreaterThan(60);
            assertThat(header(get(proxy.address("/api/v1/me")), "Link"))
                    .isEqualTo("<" + links + "/docs/errors.html#unauthorized>; rel=\"help\"");
        }
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void what_asks_the_server_itself_needs_no_prefix_and_the_bare_path_leads_to_the_page() {
        try (RunningServer server = new RunningServer(settings("/teams/ai"))) {
            assertThat(get(server.uri("/readyz")).statusCode()).isEqualTo(200);
            assertThat(get(server.uri("/teams/ai/readyz")).statusCode()).isEqualTo(200);
            HttpResponse<String> bare = get(server.uri("/teams/ai"));
            assertThat(bare.statusCode()).isEqualTo(308);
            assertThat(bare.uri().resolve(bare.headers().firstValue("Location").orElseThrow()))
                    .isEqualTo(server.uri("/teams/ai/"));
            assertThat(get(server.uri("/teams/aim/readyz")).statusCode()).isEqualTo(404);
            assertThat(get(server.uri("/teams/ai/teams/ai/readyz")).statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void a_prefix_is_believed_of_a_trusted_proxy_only_and_only_if_it_is_a_path() {
        try (RunningServer trusting = new RunningServer(Map.of("trusted-proxies", "127.0.0.1"));
                RunningServer other = new RunningServer()) {
            assertThat(link(trusting, "/x")).startsWith("</x/api/v1/agents");
            assertThat(link(trusting, "/x/")).startsWith("</x/api/v1/agents");
            assertThat(link(other, "/x")).startsWith("</api/v1/agents");
            for (String bad : new String[] {"//evil.example", "/a/../b", "x", "/a?b", "/a, /b", "/", "/a>; rel=next"}) {
                assertThat(link(trusting, bad)).as(bad).startsWith("</api/v1/agents");
            }
        }
    }

    @Test
    void who_fails_behind_the_proxy_is_limited_and_nobody_else_behind_it() {
        Map<String, String> settings =
                Map.of("trusted-proxies", "127.0.0.1", "failure-burst", "3", "failures-per-minute", "1");
        try (RunningServer server = new RunningServer(settings);
                ReverseProxy proxy = new ReverseProxy(server.server().port(), "", ReverseProxy.Path.KEPT)) {
            URI me = proxy.address("/api/v1/me");
            for (int i = 0; i < 3; i++) {
                assertThat(send(wrong(me)).statusCode()).isEqualTo(401);
            }
            assertThat(send(wrong(me)).statusCode()).isEqualTo(429);
            proxy.from("192.0.2.2");
            assertThat(send(wrong(me)).statusCode()).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "interlock",
                "//",
                "/a//b",
                "/a/..",
                "/./a",
                "/a b",
                "/ä",
                "/api",
                "/dashboard/x",
                "/docs",
                "/v1"
            })
    void what_can_be_no_base_path_is_refused(String path) {
        assertThatThrownBy(() -> BasePath.checked(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"/interlock, /interlock", "/interlock/, /interlock", "/a/b.c/d~e, /a/b.c/d~e", "/, ''"})
    void a_slash_at_the_end_makes_no_difference(String given, String path) {
        assertThat(BasePath.checked(given)).isEqualTo(path);
    }

    private static Map<String, String> settings(String prefix) {
        return prefix.isEmpty()
                ? Map.of("trusted-proxies", "127.0.0.1")
                : Map.of("trusted-proxies", "127.0.0.1", "base-path", prefix);
    }

    private static String link(RunningServer server, String prefix) {
        for (String agent : new String[] {"a", "b"}) {
            server.post("/api/v1/circuits/" + agent + "/permits", "agent@acme", "{}");
        }
        return send(server.request("/api/v1/agents?limit=1", "viewer@acme").header("X-Forwarded-Prefix", prefix))
                .headers()
                .firstValue("Link")
                .orElseThrow();
    }

    private static String firstMessage(URI stream) throws Exception {
        CompletableFuture<String> message = new CompletableFuture<>();
        URI address = URI.create(stream.toString().replaceFirst("http", "ws"));
        WebSocket socket = CLIENT.newWebSocketBuilder()
                .header("Authorization", "Bearer " + RunningServer.token("viewer@acme"))
                .buildAsync(address, new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        message.complete(text.toString());
                        return null;
                    }
                })
                .get(30, TimeUnit.SECONDS);
        try {
            return message.get(30, TimeUnit.SECONDS);
        } finally {
            socket.abort();
        }
    }

    private static HttpRequest.Builder request(URI address, String caller) {
        return HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + RunningServer.token(caller));
    }

    private static HttpRequest.Builder wrong(URI address) {
        return HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(30)).header("Authorization", "Bearer junk");
    }

    private static HttpResponse<String> get(URI address) {
        return send(HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(30)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }
}
