package dev.interlock.server;

import static dev.interlock.server.ProxyRig.CHAT;
import static dev.interlock.server.ProxyRig.QUESTION;
import static dev.interlock.server.ProxyRig.error;
import static dev.interlock.server.ProxyRig.text;
import static dev.interlock.server.ProxyRig.upstream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.test.Answer;
import dev.interlock.test.OpenAiAnswers;
import dev.interlock.test.ReceivedRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use the proxy, for what, and what goes on: it is no open relay, and hands on no credential. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyPathsTest {
    private ProxyRig rig;
    private int before;

    @BeforeAll
    void start() {
        rig = ProxyRig.of(
                "[" + upstream("openai", "{}") + ", "
                        + upstream("nobodys", "{organizations: []}") + ", "
                        + upstream("agentless", "{agents: []}") + ", "
                        + upstream("modelless", "{models: []}") + ", "
                        + upstream("writers", "{agents: ['writer-*']}") + ", "
                        + upstream("acmes", "{organizations: [acme]}") + ", "
                        + upstream("claude", "{api: anthropic; models: ['claude-*']}") + ", "
                        + upstream("search", "{api: other; paths: [/v2/search]}") + ", "
                        + upstream("deep", "{url: URL/openai/}") + "]",
                Map.of());
    }

    @AfterAll
    void close() {
        rig.close();
    }

    @BeforeEach
    void count() {
        before = rig.provider.requests().size();
    }

    private ReceivedRequest sent() {
        assertThat(rig.provider.requests()).hasSize(before + 1);
        return rig.provider.requests().get(before);
    }

    private void nothingIsSent() {
        assertThat(rig.provider.requests()).hasSize(before);
    }

    @Test
    void nobody_without_a_key_of_interlock_gets_anywhere() {
        HttpResponse<byte[]> none =
                rig.send(HttpRequest.newBuilder(rig.uri(CHAT)).POST(BodyPublishers.ofString(QUESTION)));
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("www-authenticate")).contains("Bearer");
        assertThat(error(none).getString("type")).isEqualTo("authentication_error");
        for (String key :
                new String[] {"sk-proj-of-a-provider", "il_aaaaaaaaaaaa_" + "b".repeat(43), ProxyRig.UPSTREAM_KEY}) {
            assertThat(rig.send(rig.request(CHAT, key).POST(BodyPublishers.ofString(QUESTION)))
                            .statusCode())
                    .isEqualTo(401);
        }
        assertThat(rig.send(rig.request(CHAT, RunningServer.token("viewer@default"))
                                .POST(BodyPublishers.ofString(QUESTION)))
                        .statusCode())
                .isEqualTo(403);
        nothingIsSent();
    }

    @ParameterizedTest
    @CsvSource({
        "openai/chat/completions, ; is /v1 missing at the end of base_url?",
        "openai/v3/chat/completions, ''",
        "search/chat, ''"
    })
    void a_path_that_is_not_offered_is_answered_with_those_that_are(String path, String hint) {
        HttpResponse<byte[]> answer = rig.ask("planner", "/proxy/" + path, QUESTION);

        assertThat(answer.statusCode()).isEqualTo(404);
        String upstream = path.substring(0, path.indexOf('/'));
        assertThat(error(answer).getString("code")).isEqualTo("path_not_allowed");
        assertThat(error(answer).getString("message"))
                .startsWith("The upstream '" + upstream + "' offers paths that begin with /v")
                .endsWith(", and not this one" + hint);
        nothingIsSent();
    }

    @Test
    void an_upstream_without_organizations_agents_or_models_is_for_nobody() {
        assertThat(rig.ask("planner", "/proxy/nobodys/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(404);
        assertThat(rig.ask("planner", "/proxy/acmes/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(404);
        assertThat(rig.ask("planner", "/proxy/nowhere/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(404);
        assertThat(rig.ask("planner", "/proxy/agentless/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(403);
        assertThat(rig.ask("planner", "/proxy/writers/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(403);
        assertThat(rig.ask("planner", "/proxy/modelless/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(404);
        nothingIsSent();
        assertThat(rig.ask("writer-1", "/proxy/writers/v1/chat/completions", QUESTION)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_model_that_is_not_offered_makes_no_circuit() {
        String question = QUESTION.replace("gpt-5", "llama-9");
        assertThat(error(rig.ask("planner", CHAT, question)).getString("code")).isEqualTo("model_not_offered");
        nothingIsSent();
        assertThat(rig.server.get("/api/v1/circuits/", "viewer@default").body()).doesNotContain("llama");
    }

    @Test
    void one_key_may_bring_only_so_many_models_that_no_list_names() {
        String key = rig.key("inventor");
        int answered = 0;
        for (int i = 0; i < 101; i++) {
            String question = QUESTION.replace("gpt-5", "gpt-" + i + "-made-up");
            answered = rig.send(rig.request(CHAT, key).POST(BodyPublishers.ofString(question)))
                    .statusCode();
        }
        assertThat(answered).isEqualTo(429);
        assertThat(rig.provider.requests()).hasSize(before + 100);
        assertThat(rig.ask("planner", CHAT, QUESTION.replace("gpt-5", "gpt-100-made-up"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void an_agent_is_the_one_of_its_key_or_named_by_a_header() {
        String wide = rig.made("{\"name\":\"wide\",\"role\":\"agent\",\"agents\":\"team-*\"}");
        HttpResponse<byte[]> unnamed = rig.send(rig.request(CHAT, wide).POST(BodyPublishers.ofString(QUESTION)));
        assertThat(unnamed.statusCode()).isEqualTo(400);
        assertThat(error(unnamed).getString("message")).contains("interlock-agent");
        assertThat(rig.send(rig.request(CHAT, wide)
                                .header("interlock-agent", "other")
                                .POST(BodyPublishers.ofString(QUESTION)))
                        .statusCode())
                .isEqualTo(403);
        nothingIsSent();
        assertThat(rig.send(rig.request(CHAT, wide)
                                .header("interlock-agent", "team-1")
                                .POST(BodyPublishers.ofString(QUESTION)))
                        .statusCode())
                .isEqualTo(200);
        assertThat(rig.server.get("/api/v1/circuits/", "viewer@default").body()).contains("team-1");
    }

    @Test
    void the_key_comes_as_either_houses_client_sends_it() {
        HttpRequest.Builder anthropic = HttpRequest.newBuilder(rig.uri("/proxy/claude/v1/messages"))
                .header("x-api-key", rig.key("planner"))
                .header("anthropic-version", "2023-06-01")
                .POST(BodyPublishers.ofString(QUESTION.replace("gpt-5", "claude-4")));

        assertThat(rig.send(anthropic).statusCode()).isEqualTo(200);

        ReceivedRequest sent = sent();
        assertThat(sent.header("x-api-key")).isEqualTo(ProxyRig.UPSTREAM_KEY);
        assertThat(sent.header("authorization")).isNull();
        assertThat(sent.header("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(rig.send(anthropic.header("Authorization", "Bearer " + rig.key("writer")))
                        .statusCode())
                .as("two keys that differ")
                .isEqualTo(400);
    }

    @Test
    void credentials_cookies_and_ways_end_at_the_proxy() {
        rig.send(rig.request(CHAT, rig.key("planner"))
                .header("Cookie", "session=1")
                .header("X-Forwarded-For", "10.0.0.1")
                .header("X-Forwarded-Proto", "http")
                .header("Forwarded", "for=10.0.0.1")
                .header("Via", "1.1 somebody")
                .header("X-Real-IP", "10.0.0.1")
                .header("api-key", "another")
                .header("x-goog-api-key", "another")
                .header("Proxy-Authorization", "Basic abc")
                .header("TE", "trailers")
                .header("interlock-anything", "1")
                .header("Accept-Encoding", "gzip, br")
                .header("OpenAI-Beta", "assistants=v2")
                .POST(BodyPublishers.ofString(QUESTION)));

        ReceivedRequest sent = sent();
        assertThat(sent.headers())
                .doesNotContainKeys(
                        "cookie",
                        "x-forwarded-for",
                        "x-forwarded-proto",
                        "forwarded",
                        "via",
                        "x-real-ip",
                        "api-key",
                        "x-goog-api-key",
                        "proxy-authorization",
                        "te",
                        "upgrade",
                        "http2-settings",
                        "interlock-anything",
                        "x-api-key");
        assertThat(sent.header("accept-encoding")).isEqualTo("identity");
        assertThat(sent.header("openai-beta")).isEqualTo("assistants=v2");
        assertThat(sent.header("host")).isEqualTo(rig.provider.uri().getAuthority());
        assertThat(sent.headers().values()).noneMatch(each -> each.contains(rig.key("planner")));
    }

    @Test
    void what_a_connection_header_names_ends_there() throws Exception {
        try (RawConnection raw = new RawConnection(rig.server.server().port())) {
            raw.send("POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + rig.key("planner")
                    + "\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\nX-Open: 2\r\nContent-Length: "
                    + QUESTION.length()
                    + "\r\n\r\n" + QUESTION);
            assertThat(raw.readHead()).startsWith("HTTP/1.1 200");
        }
        assertThat(sent().headers()).doesNotContainKey("x-secret").containsEntry("x-open", "2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proxy/openai/v1/../v1/chat/completions",
                "/proxy/openai/v1/./chat/completions",
                "/proxy/openai/v1/..",
                "/proxy/openai/v1%2fchat/completions",
                "/proxy/openai/v1/%2e%2e/chat/completions",
                "/proxy/openai/v1/chat/complet%69ons",
                "/proxy/openai/v1//chat/completions",
                "/proxy/openai/v1/chat%5ccompletions",
                "/proxy/openai/v1/chat%00",
                "/proxy/openai/v1/chat%zz",
                "/proxy/openai/v1/chat%2",
                "/proxy/openai/v1/chat;x=1",
                "/proxy/openai/v1/ch\\at",
                "http://example.com/proxy/openai/v1/chat/completions",
            })
    void a_path_that_could_be_read_in_two_ways_is_refused(String target) throws Exception {
        assertThat(raw("POST " + target + " HTTP/1.1", "")).startsWith("HTTP/1.1 400");
        nothingIsSent();
    }

    @Test
    void an_upgrade_is_refused_but_the_one_that_every_call_of_a_client_offers() throws Exception {
        String line = "POST " + CHAT + " HTTP/1.1";
        assertThat(raw(line, "Connection: Upgrade\r\nUpgrade: websocket\r\n")).startsWith("HTTP/1.1 400");
        assertThat(raw(line, "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n"))
                .startsWith("HTTP/1.1 400");
        nothingIsSent();
    }

    private String raw(String line, String headers) throws Exception {
        try (RawConnection raw = new RawConnection(rig.server.server().port())) {
            raw.send(line + "\r\nHost: x\r\nAuthorization: Bearer " + rig.key("planner") + "\r\n" + headers
                    + "Content-Length: " + QUESTION.length() + "\r\n\r\n" + QUESTION);
            return raw.readHead();
        }
    }

    @Test
    void paths_are_those_of_the_prefixes_up_to_a_slash() {
        String key = rig.key("planner");
        rig.provider.then(Answer.json("{\"found\":1}"));
        assertThat(text(rig.send(rig.request("/proxy/search/v2/search?q=a%20b&x=%2F", key)
                        .GET())))
                .isEqualTo("{\"found\":1}");
        assertThat(sent().target()).isEqualTo("/v2/search?q=a%20b&x=%2F");
        for (String path : new String[] {"/v2/searching", "/v2", "/v1/search", "/V2/search"}) {
            assertThat(rig.send(rig.request("/proxy/search" + path, key).GET()).statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
        rig.send(rig.request("/proxy/search/v2/search/deep", key).GET());
        assertThat(rig.provider.requests()).hasSize(before + 2);
    }

    @Test
    void the_path_of_an_upstreams_address_comes_before_that_of_the_request() {
        rig.ask("planner", "/proxy/deep/v1/chat/completions", QUESTION);
        assertThat(sent().target()).isEqualTo("/openai/v1/chat/completions");
    }

    @Test
    void a_path_that_servers_take_for_the_same_is_judged_the_same() {
        for (String path : new String[] {"/v1/chat/completions/", "/v1/Chat/Completions"}) {
            assertThat(rig.ask("planner", "/proxy/openai" + path, "{\"x\":1}").statusCode())
                    .as("names no model: " + path)
                    .isEqualTo(400);
        }
        nothingIsSent();
    }

    @Test
    void a_redirect_is_answered_and_leads_nowhere() {
        rig.provider.then(Answer.status(307)
                .withHeader("Location", "http://127.0.0.1:1/steal")
                .withHeader("Set-Cookie", "a=b")
                .withHeader("interlock-refused", "planner")
                .withHeader("X-Request-Id", "7")
                .withBody("elsewhere"));

        HttpResponse<byte[]> answer = rig.ask("redirected");

        assertThat(answer.statusCode()).isEqualTo(307);
        assertThat(text(answer)).isEqualTo("elsewhere");
        assertThat(answer.headers().map())
                .doesNotContainKeys("location", "set-cookie", "interlock-refused")
                .containsKey("x-request-id");
        sent();
    }

    @Test
    void everything_else_of_an_upstream_is_passed_through_and_judged_by_its_status() {
        String key = rig.key("planner");
        rig.provider.then(Answer.json("{\"data\":[]}"));
        assertThat(text(rig.send(rig.request("/proxy/openai/v1/models", key).GET())))
                .isEqualTo("{\"data\":[]}");
        byte[] upload = new byte[100_000];
        for (int i = 0; i < upload.length; i++) {
            upload[i] = (byte) ('a' + i % 26);
        }
        rig.send(rig.request("/proxy/openai/v1/files", key)
                .header("Content-Encoding", "x-odd")
                .POST(BodyPublishers.ofByteArray(upload)));
        assertThat(rig.provider.requests().get(before + 1).body())
                .isEqualTo(new String(upload, StandardCharsets.US_ASCII));
        assertThat(rig.server.get("/api/v1/circuits/", "viewer@default").body()).contains("tool:openai");
    }

    @Test
    void a_judged_body_must_come_as_it_is() {
        HttpResponse<byte[]> answer = rig.send(rig.request(CHAT, rig.key("planner"))
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofString(QUESTION)));
        assertThat(answer.statusCode()).isEqualTo(415);
        nothingIsSent();
    }

    @Test
    void embeddings_and_responses_are_calls_of_their_model() {
        rig.provider.then(Answer.json("{\"data\":[{\"embedding\":[0.1]}]}"));
        assertThat(rig.ask("planner", "/proxy/openai/v1/embeddings", "{\"input\":\"x\",\"model\":\"gpt-embed\"}")
                        .statusCode())
                .isEqualTo(200);
        rig.provider.then(OpenAiAnswers.text("x"));
        rig.ask("planner", "/proxy/openai/v1/responses", "{\"input\":[{\"model\":\"gpt-no\"}],\"model\":\"gpt-resp\"}");
        assertThat(rig.server.get("/api/v1/circuits/", "viewer@default").body())
                .contains("model:gpt-embed", "model:gpt-resp")
                .doesNotContain("gpt-no");
    }
}
