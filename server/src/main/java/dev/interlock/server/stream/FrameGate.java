package dev.interlock.server.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each frame of a client before anything is made of it, and lets none through that breaks RFC 6455 or a limit.
 * After the first breach, or once the server hangs up, only the client's own goodbye passes, and a client that does not
 * read it loses its connection. On the channel's event loop, except for {@link #hangUp} and {@link #tick}.
 */
final class FrameGate extends ChannelInboundHandlerAdapter {
    static final short PROTOCOL_ERROR = 1002;
    static final short NO_UTF_8 = 1007;
    static final short TOO_OFTEN = 1008;
    static final short TOO_BIG = 1009;

    /** The most bytes of one message. */
    static final int LONGEST_MESSAGE = 4_096;

    /** The most frames that a message may come in, empty ones too. */
    static final int MOST_FRAGMENTS = 64;

    /** The most frames in a second, of any kind. */
    static final int MOST_A_SECOND = 200;

    private static final int PATIENCE_SECONDS = 3;

    /** Hears of the first breach. */
    interface Breach {
        /** The client is to be notified. */
        void end(short code, String reason);
    }

    private final Breach breach;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private @Nullable ChannelHandlerContext context;
    private volatile int thisSecond;
    private int fragments;
    private boolean text;
    private volatile boolean ended;

    FrameGate(Breach breach) {
        this.breach = breach;
    }

    /** Another second has begun. Any thread may say so. */
    void tick() {
        thisSecond = 0;
    }

    /** The server says goodbye: nothing more is heard, and the connection ends even if nobody reads that. */
    void hangUp() {
        ended = true;
        ChannelHandlerContext present = context;
        if (present != null) {
            present.executor().schedule(() -> present.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext here, Object read) {
        if (!(read instanceof WebSocketFrame frame) || frame instanceof CloseWebSocketFrame) {
            here.fireChannelRead(read);
        } else if (ended || !passes(here, frame)) {
            ReferenceCountUtil.release(read);
        } else {
            here.fireChannelRead(read);
        }
    }

    /** What is no frame at all: the decoder found it, and Vert.x would close without a word. */
    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            refuse((short) corrupted.closeStatus().code(), "the frame breaks RFC 6455, or is too long");
        } else {
            here.fireExceptionCaught(cause);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // a tick that is lost makes one second a little shorter or longer
    private boolean passes(ChannelHandlerContext here, WebSocketFrame frame) {
        if (++thisSecond > MOST_A_SECOND) {
            return refuse(TOO_OFTEN, "at most " + MOST_A_SECOND + " frames a second");
        }
        if (frame instanceof PingWebSocketFrame) {
            return here.channel().isWritable(); // who does not read what was sent needs no more pongs
        }
        boolean begins = frame instanceof TextWebSocketFrame;
        if (!begins && !(frame instanceof ContinuationWebSocketFrame)) {
            return true;
        }
        if (begins) {
            message.reset();
            fragments = 0;
            text = true;
        }
        if (!text) {
            return true; // of a binary message, which is refused whole
        }
        if (++fragments > MOST_FRAGMENTS) {
            return refuse(TOO_OFTEN, "a message may come in at most " + MOST_FRAGMENTS + " frames");
        }
        int length = frame.content().readableBytes();
        if (message.size() + length > LONGEST_MESSAGE) {
            return refuse(TOO_BIG, "a message may have at most " + LONGEST_MESSAGE + " bytes");
        }
        byte[] bytes = new byte[length];
        frame.content().getBytes(frame.content().readerIndex(), bytes);
        message.writeBytes(bytes);
        if (frame.isFinalFragment()) {
            text = false;
            if (!isUtf8(message.toByteArray())) {
                return refuse(NO_UTF_8, "text must be UTF-8");
            }
        }
        return true;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException no) {
            return false;
        }
    }

    private boolean refuse(short code, String reason) {
        if (!ended) {
            ended = true;
            breach.end(code, reason);
        }
        return false;
    }
}
