package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Credentials in every place where people put them by mistake: none comes back in a refusal, none is in the log, though
 * that says more than the server can be made to: libraries too are heard from debug on.
 */
class LeakTest {
    private static final String JWT_SECRET = "a-secret-of-thirty-two-bytes-at-least";

    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();
    private final Logger ours = (Logger) LoggerFactory.getLogger("dev.interlock");
    private final Level oursLevel = ours.getLevel();
    private final AppenderBase<ILoggingEvent> everything = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            log.add(event.getFormattedMessage()
                    + event.getKeyValuePairs()
                    + event.getMDCPropertyMap()
                    + thrown(event.getThrowableProxy()));
        }
    };

    @BeforeEach
    void listen() {
        everything.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        everything.start();
        root.addAppender(everything);
        root.setLevel(Level.DEBUG);
        ours.setLevel(Level.DEBUG);
    }

    @AfterEach
    void stop() {
        root.detachAppender(everything);
        root.setLevel(level);
        ours.setLevel(oursLevel);
    }

    @Test
    void no_credential_reaches_a_log_or_an_error() throws IOException {
        List<String> credentials = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        try (RunningServer server = new RunningServer(Map.of("failure-burst", "100000"))) {
            String key = key(server);
            String ticket =
                    server.post("/api/v1/stream/tickets", "viewer@acme", null).body();
            credentials.add(key);
            credentials.add(changed(key));
            credentials.add(RunningServer.token("operator@acme"));
            credentials.add(changed(RunningServer.token("admin@acme")));
            if (ticket.contains("\"ticket\"")) {
                credentials.add(new JsonObject(ticket).getString("ticket"));
            }
            credentials.add(RunningServer.ADMIN_KEY);
            credentials.add(JWT_SECRET);
            for (String credential : credentials) {
                everywhere(server, credential, refusals);
            }
        }

        assertThat(refusals).hasSizeGreaterThan(100);
        for (String credential : credentials) {
            String secret = secretPart(credential).toLowerCase(Locale.ROOT);
            assertThat(refusals)
                    .noneMatch(refusal -> refusal.toLowerCase(Locale.ROOT).contains(secret));
            assertThat(log).noneMatch(line -> line.toLowerCase(Locale.ROOT).contains(secret));
        }
        assertThat(log).as("the log was listened to").anyMatch(line -> line.contains("was made by"));
        assertThat(log).as("requests are logged").anyMatch(line -> line.contains("/api/v1/circuits/"));
    }

    private static void everywhere(RunningServer server, String credential, List<String> refusals) throws IOException {
        String encoded = URLEncoder.encode(credential, StandardCharsets.UTF_8);
        for (String path : List.of(
                "/" + encoded,
                "/api/v1/" + encoded,
                "/api/v1/circuits/" + encoded + "/" + encoded,
                "/api/v1/circuits/" + encoded + "/action",
                "/api/v1/keys/" + encoded,
                "/api/v1/policies/" + encoded,
                "/api/v1/circuits/?" + encoded,
                "/api/v1/circuits/?" + encoded + "=1",
                "/api/v1/circuits/?state=" + encoded,
                "/api/v1/circuits/?limit=" + encoded,
                "/api/v1/circuits/?access_token=" + encoded,
                "/api/v1/circuits/?authorization=Bearer%20" + encoded,
                "/api/v1/stream?ticket=" + encoded,
                "/api/v1/keys?organization_id=" + encoded)) {
            for (String method : List.of("GET", "POST", "DELETE", "PUT")) {
                keep(server.send(method, path, null, null), refusals);
                keep(server.send(method, path, "operator@acme", "{\"action\": \"" + credential + "\"}"), refusals);
            }
        }
        for (String body : List.of(
                credential,
                "\"" + credential,
                "{" + credential + "}",
                "{\"action\": \"" + credential + "\"}",
                "{\"" + credential + "\": 1}",
                "{\"action\": \"open\", \"" + credential + "\": 1}",
                "{\"action\": \"open\", \"until\": \"" + credential + "\"}",
                "{\"name\": \"x\", \"role\": \"" + credential + "\"}",
                "{\"name\": [\"" + credential + "\"], \"role\": \"viewer\"}",
                "{\"permit\": \"" + credential + "\", \"outcome\": \"success\"}",
                "{\"outcome\": \"failure\", \"kind\": \"" + credential + "\"}",
                "[{\"agent_id\": \"a\", \"outcome\": \"" + credential + "\"}]",
                "{\"settings\": {\"" + credential + "\": 1}}",
                "{\"failureThreshold\": \"" + credential + "\"}")) {
            keep(server.post("/api/v1/circuits/planner/action", "operator@acme", body), refusals);
            keep(server.post("/api/v1/circuits/planner/outcomes", "agent@acme", body), refusals);
            keep(server.post("/api/v1/circuits/planner/permits", "agent@acme", body), refusals);
            keep(server.post("/api/v1/outcomes", "agent@acme", body), refusals);
            keep(server.post("/api/v1/keys", "admin@acme", body), refusals);
            keep(server.send("PUT", "/api/v1/policies/planner", "admin@acme", body), refusals);
        }
        headers(server, credential, refusals);
    }

    /** As bytes, since no client would send all of these. */
    private static void headers(RunningServer server, String credential, List<String> refusals) throws IOException {
        for (String lines : List.of(
                "Authorization: " + credential,
                "Authorization: Basic " + credential,
                "Authorization: Bearer " + credential + "x",
                "Authorization: Bearer x" + credential,
                "Authorization: Bearer " + credential + " " + credential,
                "Authorization: Bearer x\r\nAuthorization: Bearer " + credential,
                "Authorization : Bearer " + credential,
                "X-Api-Key: " + credential,
                "Cookie: key=" + credential,
                "Content-Type: " + credential,
                "Content-Length: " + credential,
                "Transfer-Encoding: " + credential,
                "Expect: " + credential,
                "Sec-WebSocket-Protocol: interlock.v1, bearer." + credential + "x",
                credential + ": x",
                credential)) {
            refusals.add(raw(server, "GET /api/v1/keys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines));
            refusals.add(raw(
                    server,
                    "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + lines));
        }
        refusals.add(raw(server, credential + " / HTTP/1.1\r\nHost: localhost\r\nConnection: close"));
        refusals.add(raw(server, "GET " + credential + " HTTP/1.1\r\nHost: localhost\r\nConnection: close"));
        refusals.add(raw(server, "GET / " + credential + "\r\nHost: localhost\r\nConnection: close"));
        refusals.add(raw(server, "GET / HTTP/1.1\r\nHost: " + credential + "\r\nConnection: close"));
    }

    private static String raw(RunningServer server, String head) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.uri("/").getPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            in.transferTo(answer);
            return answer.toString(StandardCharsets.ISO_8859_1);
        } catch (SocketException reset) {
            return "";
        }
    }

    private static void keep(HttpResponse<String> answer, List<String> refusals) {
        if (answer.statusCode() >= 400) {
            assertThat(answer.statusCode()).as(answer.body()).isNotEqualTo(500);
            refusals.add(answer.headers().map() + answer.body());
        }
    }

    private static String key(RunningServer server) {
        return RunningServer.json(server.post("/api/v1/keys", "admin@acme", "{\"name\": \"x\", \"role\": \"viewer\"}"))
                .getString("key");
    }

    /** Of a credential that may show its kind and id, what may not be shown. */
    private static String secretPart(String credential) {
        if (credential.startsWith("il_")) {
            return credential.substring(16);
        }
        return credential.startsWith("ey") ? credential.substring(credential.indexOf('.') + 1) : credential;
    }

    private static String changed(String credential) {
        int middle = credential.length() / 2;
        char other = credential.charAt(middle) == 'a' ? 'b' : 'a';
        return credential.substring(0, middle) + other + credential.substring(middle + 1);
    }

    private static String thrown(IThrowableProxy thrown) {
        return thrown == null ? "" : ThrowableProxyUtil.asString(thrown);
    }
}
