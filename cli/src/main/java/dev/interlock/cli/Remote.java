package dev.interlock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A running server, as a command sees it: answers in JSON, and failures that say what to do. */
final class Remote {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final URI url;
    private final @Nullable String key;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    Remote(URI url, @Nullable String key) {
        this.url = url;
        this.key = key;
    }

    HttpClient client() {
        return client;
    }

    /** The address of a path, for WebSockets. */
    URI streamUri(String path) {
        return URI.create(url.toString().replaceFirst("^http", "ws") + path);
    }

    /** The credential as the header Authorization has it. */
    String authorization() throws RemoteException {
        if (key == null) {
            throw new RemoteException("There is no key: put one into " + RemoteOptions.KEY
                    + ". The first start of a server writes an admin key to the file admin-key in its data folder");
        }
        return "Bearer " + key;
    }

    JsonNode get(String path) throws RemoteException {
        return send("GET", path, null);
    }

    /** What is no JSON if all went well. */
    String text(String path) throws RemoteException {
        HttpResponse<String> answer = exchange("GET", path, null);
        return answer.statusCode() < 300 ? answer.body() : answer(answer).toString();
    }

    JsonNode post(String path, JsonNode body) throws RemoteException {
        return send("POST", path, body);
    }

    void delete(String path) throws RemoteException {
        send("DELETE", path, null);
    }

    /** A name as a segment of a path, or a value of a query. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode send(String method, String path, @Nullable JsonNode body) throws RemoteException {
        return answer(exchange(method, path, body));
    }

    private HttpResponse<String> exchange(String method, String path, @Nullable JsonNode body) throws RemoteException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(PATIENCE)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            request.header("Authorization", authorization());
        } catch (IllegalArgumentException notForHeaders) {
            throw new RemoteException("The key holds characters that no key has; is " + RemoteOptions.KEY + " right?");
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException failed) {
            throw unreachable(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RemoteException("Stopped");
        }
    }

    private JsonNode answer(HttpResponse<String> answer) throws RemoteException {
        String body = answer.body();
        JsonNode json;
        try {
            json = body.isBlank() ? JSON.createObjectNode() : JSON.readTree(body);
        } catch (JsonProcessingException noJson) {
            throw new RemoteException(
                    "What answers at " + url + " is no Interlock server; name one with --url or " + RemoteOptions.URL);
        }
        if (answer.statusCode() < 300) {
            return json;
        }
        String detail = json.path("detail").asText("status " + answer.statusCode());
        throw new RemoteException(refusal(answer.statusCode(), detail), json);
    }

    /** What an answer with another status than 2xx means to the person who typed the command. */
    RemoteException refused(int status, String detail) {
        return new RemoteException(refusal(status, detail));
    }

    private String refusal(int status, String detail) {
        String said = Words.clean(detail);
        String then = switch (status) {
            case 401 ->
                ". Is the key in " + RemoteOptions.KEY + " right? The first start of a server writes an"
                        + " admin key to the file admin-key in its data folder";
            case 403 -> ". Use the key of a caller who may, or ask an admin for one";
            case 404 -> ". Is " + url + " the right server?";
            case 429, 503 -> ". Try again later";
            case 500 -> ". Look into the server's log";
            default -> "";
        };
        return "The server refused (" + status + "): " + said + then;
    }

    RemoteException unreachable(Throwable failed) {
        String where = "There is no server at " + url;
        if (failed instanceof HttpTimeoutException) {
            return new RemoteException("The server at " + url + " did not answer in time; is it overloaded, or is the"
                    + " network slow? Try again");
        }
        if (failed instanceof SSLException) {
            return new RemoteException(
                    "No safe connection to " + url + ": " + Words.clean(String.valueOf(failed.getMessage()))
                            + ". Does the server speak TLS there, with a certificate that this machine trusts?");
        }
        String why = failed instanceof ConnectException && failed.getMessage() == null
                ? "connection refused"
                : Words.clean(String.valueOf(failed.getMessage()));
        return new RemoteException(where + " (" + why
                + "). Start one with 'interlock serve', or name another with --url or " + RemoteOptions.URL);
    }
}
