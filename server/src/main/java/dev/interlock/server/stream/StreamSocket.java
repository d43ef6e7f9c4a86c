package dev.interlock.server.stream;

import dev.interlock.server.http.Problem;
import dev.interlock.server.http.StrictJson;
import dev.interlock.server.security.Caller;
import dev.interlock.server.workers.Turns;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket: what its client says, and that it is still there. On its event loop, except for {@link #tick} and
 * {@link #close}, which any thread may call.
 */
final class StreamSocket implements Outlet {
    static final short NOT_TEXT = 1003;
    static final short SILENT = 4408;

    /** The most that a client may say in a second. */
    static final int MOST_A_SECOND = 50;

    private static final int PING_EVERY_TICKS = 30;
    private static final int SILENT_AFTER_TICKS = 90;

    private final ServerWebSocket socket;
    private final Context context;
    private final Caller caller;
    private final StreamHub hub;
    private final FrameGate gate = new FrameGate(this::end);
    private @Nullable Subscriber subscriber;
    private int saidThisSecond;
    private int ticks;
    private int heardAt;

    private StreamSocket(ServerWebSocket socket, Context context, Caller caller, StreamHub hub) {
        this.socket = socket;
        this.context = context;
        this.caller = caller;
        this.hub = hub;
    }

    /** Lets a client that has just connected hear its organization; null if it has too many already. */
    static @Nullable StreamSocket open(
            ServerWebSocket socket, Context context, Caller caller, StreamHub hub, Runnable onClose) {
        StreamSocket opened = new StreamSocket(socket, context, caller, hub);
        Subscriber subscriber = hub.join(caller.organization(), opened);
        if (subscriber == null) {
            return null;
        }
        opened.subscriber = subscriber;
        ((WebSocketInternal) socket).channelHandlerContext().pipeline().addBefore("handler", "frame-gate", opened.gate);
        socket.exceptionHandler(broken -> opened.close(FrameGate.PROTOCOL_ERROR, "the connection is broken"));
        socket.closeHandler(gone -> {
            hub.leave(caller.organization(), subscriber);
            onClose.run();
        });
        socket.pongHandler(pong -> opened.heardAt = opened.ticks);
        socket.binaryMessageHandler(bytes -> opened.close(NOT_TEXT, "messages must be text"));
        socket.textMessageHandler(text -> opened.hear(subscriber, text));
        return opened;
    }

    Caller caller() {
        return caller;
    }

    /** Called every second. */
    void tick() {
        gate.tick();
        context.runOnContext(now -> {
            ticks++;
            saidThisSecond = 0;
            if (subscriber != null) {
                subscriber.tick();
            }
            if (silentSeconds() > SILENT_AFTER_TICKS) {
                close(SILENT, "nothing was heard for " + SILENT_AFTER_TICKS + " s");
            } else if (ticks % PING_EVERY_TICKS == 0) {
                socket.writePing(Buffer.buffer());
            }
        });
    }

    /** For how long nothing was heard of the client. On its event loop. */
    int silentSeconds() {
        return ticks - heardAt;
    }

    private void hear(Subscriber client, String text) {
        heardAt = ticks;
        if (++saidThisSecond > MOST_A_SECOND) {
            close(FrameGate.TOO_OFTEN, "at most " + MOST_A_SECOND + " messages a second");
            return;
        }
        switch (typeOf(text)) {
            case "ping" -> client.answer(new JsonObject().put("type", "pong"));
            case "resync" -> client.resync();
            default ->
                client.answer(new JsonObject()
                        .put("type", "error")
                        .put(
                                "data",
                                new JsonObject()
                                        .put(
                                                "detail",
                                                "A message must be {\"type\": \"ping\"} or {\"type\": \"resync\"}")));
        }
    }

    private static String typeOf(String text) {
        try {
            return StrictJson.read(Buffer.buffer(text)) instanceof JsonObject message
                            && message.getValue("type") instanceof String type
                    ? type
                    : "";
        } catch (Problem noJson) {
            return "";
        }
    }

    @Override
    public boolean isFull() {
        return socket.isClosed() || socket.writeQueueFull();
    }

    @Override
    public void write(String text) {
        socket.writeTextMessage(text);
    }

    @Override
    public void onRoom(Runnable then) {
        if (socket.isClosed()) {
            return; // there will be none, and Vert.x throws at who waits for it
        }
        socket.drainHandler(room -> {
            socket.drainHandler(null);
            then.run();
        });
    }

    @Override
    public void run(Runnable task) {
        context.runOnContext(now -> task.run());
    }

    @Override
    public void inTurn(Runnable task) {
        context.runOnContext(now -> Turns.add(context.owner(), caller.organization(), task));
    }

    @Override
    public void close(int code, String reason) {
        end((short) code, reason);
    }

    /** Says goodbye; complete when the connection is gone. */
    Future<Void> end(short code, String reason) {
        if (subscriber != null) {
            hub.leave(caller.organization(), subscriber);
        }
        if (socket.isClosed()) {
            return Future.succeededFuture();
        }
        gate.hangUp();
        return socket.close(code, reason);
    }
}
