package dev.interlock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection to the server's stream; its messages come by a queue, the last one says why it ended. */
final class Stream implements WebSocket.Listener, AutoCloseable {
    /** The type of the last message. */
    static final String CLOSED = "closed";

    private static final String PATH = "/api/v1/stream";
    private static final long PING_SECONDS = 20;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    /** The server cannot be reached at the moment. */
    static final class AwayException extends Exception {
        private static final long serialVersionUID = 1;

        private final RemoteException failure;

        AwayException(RemoteException failure) {
            super(failure.getMessage(), null, false, false);
            this.failure = failure;
        }

        /** What to report where nothing was heard before. */
        RemoteException failure() {
            return failure;
        }
    }

    private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final ScheduledExecutorService pings = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "interlock-ping");
        thread.setDaemon(true);
        return thread;
    });
    private volatile long heard = System.nanoTime();
    private volatile @Nullable WebSocket socket;

    private Stream() {}

    /**
     * Connects.
     *
     * @throws AwayException if there is no server at the moment
     * @throws RemoteException if the server refuses, which trying again does not change
     */
    static Stream connect(Remote remote) throws RemoteException, AwayException {
        Stream stream = new Stream();
        try {
            WebSocket connected = remote.client()
                    .newWebSocketBuilder()
                    .connectTimeout(Duration.ofSeconds(10))
                    .header("Authorization", remote.authorization())
                    .buildAsync(remote.streamUri(PATH), stream)
                    .join();
            stream.socket = connected;
            stream.pings.scheduleAtFixedRate(
                    () -> stream.ping(connected), PING_SECONDS, PING_SECONDS, TimeUnit.SECONDS);
            return stream;
        } catch (CompletionException failed) {
            stream.close();
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            if (cause instanceof WebSocketHandshakeException refused) {
                throw refused(remote, refused.getResponse());
            }
            throw new AwayException(remote.unreachable(cause));
        }
    }

    private static RemoteException refused(Remote remote, HttpResponse<?> answer) throws AwayException {
        int status = answer.statusCode();
        String why = switch (status) {
            case UNAUTHORIZED -> "the key is not known there";
            case FORBIDDEN -> "the key's role may not hear the stream; viewer is enough";
            case NOT_FOUND -> "there is no stream";
            default -> "status " + status;
        };
        RemoteException refusal = remote.refused(status, why);
        if (status != UNAUTHORIZED && status != FORBIDDEN && status != NOT_FOUND) {
            throw new AwayException(refusal);
        }
        return refusal;
    }

    BlockingQueue<JsonNode> messages() {
        return messages;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        heard = System.nanoTime();
        text.append(data);
        if (last) {
            try {
                messages.add(Remote.JSON.readTree(text.toString()));
            } catch (JsonProcessingException noJson) {
                end("the server sent what is no message");
            }
            text.setLength(0);
        }
        from.request(1);
        return done();
    }

    @Override
    public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        heard = System.nanoTime();
        from.request(1);
        return done();
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        end(reason.isEmpty() ? "code " + code : reason);
        return done();
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end(error.getMessage() == null ? "it broke" : error.getMessage());
    }

    /** A connection whose other end is gone without a word is found out by silence. */
    private void ping(WebSocket to) {
        if (System.nanoTime() - heard > TimeUnit.SECONDS.toNanos(3 * PING_SECONDS)) {
            end("nothing was heard for " + 3 * PING_SECONDS + " s");
        } else {
            to.sendPing(ByteBuffer.allocate(0));
        }
    }

    private void end(String reason) {
        messages.add(Remote.JSON.createObjectNode().put("type", CLOSED).put("reason", reason));
    }

    @SuppressWarnings("NullAway") // null says that the data was used up, as the interface has it
    private static CompletionStage<?> done() {
        return null;
    }

    @Override
    public void close() {
        pings.shutdownNow();
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
    }
}
