package dev.interlock.server.stream;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A real WebSocket client that keeps what it hears. */
final class Listener implements WebSocket.Listener {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final long PATIENCE_SECONDS = 30;

    /** Messages that come a moment after what they follow from. */
    private static final Set<String> BESIDE = Set.of("incident", "agent");

    private final BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private WebSocket socket;

    /** Connects; fails as the handshake does. */
    static Listener connect(URI http, UnaryOperator<WebSocket.Builder> more) {
        Listener listener = new Listener();
        URI uri = URI.create(http.toString().replace("http://", "ws://"));
        listener.socket = more.apply(CLIENT.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(PATIENCE_SECONDS)))
                .buildAsync(uri, listener)
                .join();
        return listener;
    }

    /** The next message about a circuit, or of the protocol. */
    JsonObject next() {
        JsonObject message = take();
        while (BESIDE.contains(message.getString("type"))) {
            message = take();
        }
        return message;
    }

    /** The next message of this type, whatever comes before it. */
    JsonObject nextOf(String type) {
        JsonObject message = take();
        while (!message.getString("type").equals(type)) {
            message = take();
        }
        return message;
    }

    private JsonObject take() {
        try {
            JsonObject message = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("Nothing was heard for " + PATIENCE_SECONDS + " s");
            }
            return message;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next message, of this type. */
    JsonObject next(String type) {
        JsonObject message = next();
        if (!message.getString("type").equals(type)) {
            throw new AssertionError("Expected " + type + ", but heard " + message);
        }
        return message;
    }

    /** What was heard about circuits and of the protocol, and not yet asked for. */
    List<JsonObject> rest() {
        return all().stream()
                .filter(message -> !BESIDE.contains(message.getString("type")))
                .toList();
    }

    /** All that was heard and not yet asked for. */
    List<JsonObject> all() {
        return List.copyOf(heard);
    }

    void say(String message) {
        socket.sendText(message, true).join();
    }

    /** As fast as this machine can, one after the other, until the server ends it. */
    void sayUntilClosed(String message, int atMost) {
        for (int i = 0; i < atMost && !closed.isDone(); i++) {
            try {
                say(message);
            } catch (CompletionException ended) {
                return;
            }
        }
    }

    WebSocket socket() {
        return socket;
    }

    /** The code with which the server said goodbye. */
    int closeCode() {
        return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    void hangUp() {
        socket.abort();
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            heard.add(new JsonObject(text.toString()));
            text.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        heard.add(new JsonObject().put("type", "protocol-pong"));
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        heard.add(new JsonObject().put("type", "closed").put("reason", reason));
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
    }
}
