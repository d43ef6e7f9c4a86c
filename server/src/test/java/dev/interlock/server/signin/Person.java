package dev.interlock.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Somebody with a browser: it keeps cookies, and goes where it is sent one step at a time. */
final class Person {
    private static final Pattern COOKIE = Pattern.compile("([^=]+)=([A-Za-z0-9_-]*); Path=/;.*");

    /** Of cookies, each behind the port of the server that set it. */
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    private final RunningServer server;
    private final Map<String, String> cookies = new HashMap<>();
    private final HttpClient http =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    Person(RunningServer server) {
        this.server = server;
    }

    /** Goes to an address as one does by a link. */
    HttpResponse<String> go(URI address) {
        return send(HttpRequest.newBuilder(address));
    }

    /** Goes to the issuer. */
    URI leave(String place) {
        HttpResponse<String> sent = go(server.uri("/sign-in/example" + place));
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(303);
        return where(sent);
    }

    /** Goes to the issuer, and is sent back by it: to an address that is not visited yet. */
    URI untilBack(String place) {
        return where(go(leave(place)));
    }

    /** Signs in; where it is sent in the end. */
    String signIn(String place) {
        HttpResponse<String> end = go(untilBack(place));
        assertThat(end.statusCode()).as(end.body()).isEqualTo(303);
        return end.headers().firstValue("Location").orElseThrow();
    }

    String signIn() {
        return signIn("");
    }

    /** What a page of the server's own asks. */
    HttpResponse<String> ask(String method, String path, String origin, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path))
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .header("Content-Type", "application/json");
        return send(origin == null ? request : request.header("Origin", origin));
    }

    HttpResponse<String> ask(String method, String path, String json) {
        return ask(method, path, origin(), json);
    }

    JsonObject me() {
        HttpResponse<String> answer = ask("GET", "/api/v1/me", null, null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    String origin() {
        String address = server.uri("").toString();
        return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    boolean isSignedIn() {
        return ask("GET", "/api/v1/me", null, null).statusCode() == 200;
    }

    /** The value of a cookie by the beginning of its name, which ends with the installation's. */
    String cookie(String name) {
        return cookies.entrySet().stream()
                .filter(each -> each.getKey().startsWith(name + "-"))
                .map(each -> each.getValue())
                .findFirst()
                .orElse("");
    }

    /** Puts a value into a cookie, as somebody does who has copied it. */
    void has(String name, String value) {
        cookies.put(named(name), value);
    }

    /** The whole name of a cookie that this person, or another of the server, has had. */
    String named(String name) {
        return NAMES.stream()
                .filter(each -> each.startsWith(server.server().port() + " " + name + "-"))
                .map(each -> each.substring(each.indexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        URI address = request.build().uri();
        boolean isServers = address.getPort() == server.uri("/").getPort();
        if (isServers && request.build().headers().firstValue("Cookie").isEmpty()) {
            String kept = cookies.entrySet().stream()
                    .map(each -> each.getKey() + "=" + each.getValue())
                    .collect(Collectors.joining("; "));
            if (!kept.isEmpty()) {
                request.header("Cookie", kept);
            }
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            answer.headers().allValues("Set-Cookie").forEach(this::keep);
            return answer;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void keep(String written) {
        Matcher cookie = COOKIE.matcher(written);
        assertThat(cookie.matches()).as(written).isTrue();
        NAMES.add(server.server().port() + " " + cookie.group(1));
        if (written.contains("Max-Age=0")) {
            cookies.remove(cookie.group(1));
        } else {
            cookies.put(cookie.group(1), cookie.group(2));
        }
    }

    static URI where(HttpResponse<String> redirect) {
        return URI.create(redirect.headers().firstValue("Location").orElseThrow());
    }
}
