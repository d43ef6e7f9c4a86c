package dev.interlock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A running server, as a command sees it: answers in JSON, and failures that say what to do. Calls go over {@link
 * HttpURLConnection}, which is ready in a fraction of the time that Java's newer client takes.
 */
final class Remote {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What changes many circuits is answered once all of it is stored. */
    private static final String MANY = "/api/v1/actions";

    private static final Duration LONG_PATIENCE = Duration.ofMinutes(2);
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");
    private static final Pattern HELP = Pattern.compile("<[^>]*#([a-z-]{1,60})>\\s*;\\s*rel=\"?help\"?");

    static {
        System.setProperty("sun.net.http.retryPost", "false"); // a lost answer to a POST is not the same as a lost POST
    }

    private final Target target;
    private @Nullable SSLContext trust;

    Remote(Target target) {
        this.target = target;
    }

    /** Where the server is, and how the command came to know. */
    Target target() {
        return target;
    }

    /** A client for WebSockets. */
    HttpClient client() throws RemoteException {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT);
        if (target.caCertificates() != null) {
            builder.sslContext(trust());
        }
        return builder.build();
    }

    /** The address of a path, for WebSockets. */
    URI streamUri(String path) {
        return URI.create(target.url().toString().replaceFirst("^http", "ws") + path);
    }

    /** The credential as the header Authorization has it. */
    String authorization() throws RemoteException {
        String key = target.key();
        if (key == null) {
            throw new RemoteException(
                    ExitCode.NOT_ALLOWED,
                    "There is no key for " + target.url() + ": sign in with 'interlock login', or put one into "
                            + Variables.KEY
                            + ". The first start of a server writes an admin key to the file admin-key in its data"
                            + " folder");
        }
        return "Bearer " + key;
    }

    JsonNode get(String path) throws RemoteException {
        return answer(exchange("GET", path, null));
    }

    /** What is no JSON if all went well. */
    String text(String path) throws RemoteException {
        Answer answer = exchange("GET", path, null);
        return answer.status < 300 ? answer.body : answer(answer).toString();
    }

    JsonNode post(String path, JsonNode body) throws RemoteException {
        return answer(exchange("POST", path, body));
    }

    JsonNode put(String path, JsonNode body) throws RemoteException {
        return answer(exchange("PUT", path, body));
    }

    JsonNode delete(String path) throws RemoteException {
        return answer(exchange("DELETE", path, null));
    }

    /**
     * What a list holds, page after page.
     *
     * @param path of the first page, without a limit
     * @param field which holds the rows
     * @param limit how many rows at most; 0 for all
     * @param page how many rows a page may have
     */
    List<JsonNode> pages(String path, String field, int limit, int page) throws RemoteException {
        List<JsonNode> rows = new ArrayList<>();
        int first = limit == 0 ? page : Math.min(limit, page);
        String next = path + (path.contains("?") ? "&" : "?") + "limit=" + first;
        while (next != null) {
            Answer answer = exchange("GET", next, null);
            for (JsonNode row : answer(answer).path(field)) {
                if (limit == 0 || rows.size() < limit) {
                    rows.add(row);
                }
            }
            next = limit != 0 && rows.size() >= limit ? null : answer.next;
        }
        return rows;
    }

    /**
     * Where the server shows a document.
     *
     * @param page such as {@code gates.html#who}
     */
    String document(String page) {
        return target.url() + "/docs/" + page;
    }

    /** A name as a segment of a path, or a value of a query. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What an answer with another status than 2xx means to the person who typed the command. */
    RemoteException refused(int status, String detail) {
        return Failures.refused(target, status, detail, null, null);
    }

    RemoteException unreachable(Throwable failed) {
        return Failures.unreachable(target, failed);
    }

    private record Answer(
            int status,
            String body,
            @Nullable String next,
            @Nullable String help) {}

    private Answer exchange(String method, String path, @Nullable JsonNode body) throws RemoteException {
        String authorization = authorization();
        HttpURLConnection connection = null;
        try {
            connection = open(path);
            connection.setRequestMethod(method);
            try {
                connection.setRequestProperty("Authorization", authorization);
            } catch (IllegalArgumentException notForHeaders) {
                throw new RemoteException(
                        ExitCode.NOT_ALLOWED,
                        "The key holds characters that no key has; is " + target.keyFrom() + " right?");
            }
            if (body != null) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/json");
                connection.getOutputStream().write(body.toString().getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            String link = connection.getHeaderField("Link");
            return new Answer(status, body(connection, status), next(link), help(link));
        } catch (IOException failed) {
            if (connection != null) {
                connection.disconnect();
            }
            throw Failures.unreachable(target, failed);
        }
    }

    private HttpURLConnection open(String path) throws IOException, RemoteException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(target.url() + path).toURL().openConnection();
        connection.setConnectTimeout((int) CONNECT.toMillis());
        connection.setReadTimeout((int) (path.equals(MANY) ? LONG_PATIENCE : PATIENCE).toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        if (target.caCertificates() != null && connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(trust().getSocketFactory());
        }
        return connection;
    }

    private SSLContext trust() throws RemoteException {
        SSLContext known = trust;
        if (known == null) {
            known = CaCertificates.trustedFrom(Objects.requireNonNull(target.caCertificates()));
            trust = known;
        }
        return known;
    }

    private static String body(HttpURLConnection connection, int status) throws IOException {
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The path of the next page, or null: a link is taken for this server, whatever name it bears there. */
    private static @Nullable String next(@Nullable String link) {
        Matcher next = NEXT.matcher(link == null ? "" : link);
        if (!next.find()) {
            return null;
        }
        URI uri = URI.create(next.group(1));
        int api = uri.getRawPath().indexOf("/api/");
        return uri.getRawPath().substring(Math.max(0, api))
                + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    /** The part of the page on errors that a refusal leads to, or null if it leads to none. */
    private @Nullable String help(@Nullable String link) {
        Matcher help = HELP.matcher(link == null ? "" : link);
        return help.find() ? document("errors.html#" + help.group(1)) : null;
    }

    private JsonNode answer(Answer answer) throws RemoteException {
        JsonNode json;
        try {
            json = answer.body.isBlank() ? JSON.createObjectNode() : JSON.readTree(answer.body);
        } catch (JsonProcessingException noJson) {
            throw Failures.noInterlock(target);
        }
        if (answer.status < 200) { // -1: what answers speaks no HTTP
            throw Failures.noInterlock(target);
        }
        if (answer.status < 300) {
            return json;
        }
        String detail = json.path("detail").asText("status " + answer.status);
        throw Failures.refused(target, answer.status, detail, json, answer.help);
    }
}
