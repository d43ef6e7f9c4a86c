package dev.interlock.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client of HTTP/2 over TLS that writes each frame itself: what no library would send. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    private static final int PRIORITY = 0x20;

    /** What the server sent; the status is that of the head of an answer, else 0. */
    record Frame(int type, int stream, int status, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    private final SSLSocket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder heads = new DefaultHttp2HeadersDecoder();

    RawHttp2(RunningServer server) {
        try {
            socket = (SSLSocket) Certificate.trustingClient()
                    .getSocketFactory()
                    .createSocket("127.0.0.1", server.server().port());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(20_000);
            socket.startHandshake();
            in = new DataInputStream(socket.getInputStream());
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(SETTINGS, 0, 0, new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawHttp2 send(int type, int flags, int stream, byte[] payload) {
        try {
            byte[] frame = new byte[9 + payload.length];
            frame[0] = (byte) (payload.length >> 16);
            frame[1] = (byte) (payload.length >> 8);
            frame[2] = (byte) payload.length;
            frame[3] = (byte) type;
            frame[4] = (byte) flags;
            frame[7] = (byte) (stream >> 8);
            frame[8] = (byte) stream;
            System.arraycopy(payload, 0, frame, 9, payload.length);
            socket.getOutputStream().write(frame);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A head, from names and values in turns, as they are. */
    static byte[] head(String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0); // a literal that is not indexed
            text(block, fields[i]);
            text(block, fields[i + 1]);
        }
        return block.toByteArray();
    }

    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 0x7F) {
            block.write(bytes.length);
        } else {
            block.write(0x7F);
            int rest = bytes.length - 0x7F;
            while (rest >= 0x80) {
                block.write(rest % 0x80 + 0x80);
                rest /= 0x80;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** The next frame that says something of a stream or of the end; null if the connection is closed. */
    Frame next() {
        try {
            while (true) {
                int first = in.read();
                if (first < 0) {
                    return null;
                }
                int length = first << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt() & 0x7FFF_FFFF;
                byte[] payload = in.readNBytes(length);
                if (type == DATA || type == HEADERS || type == RST_STREAM || type == GOAWAY) {
                    return new Frame(type, stream, type == HEADERS ? status(stream, flags, payload) : 0, payload);
                }
            }
        } catch (IOException | Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private int status(int stream, int flags, byte[] payload) throws Http2Exception {
        int from = (flags & PRIORITY) == 0 ? 0 : 5;
        ByteBuf block = Unpooled.wrappedBuffer(payload, from, payload.length - from);
        return Integer.parseInt(heads.decodeHeaders(stream, block).status().toString());
    }

    /** The next frame of a type; fails if the connection is closed before. */
    Frame next(int type) {
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.type() == type) {
                return frame;
            }
        }
        throw new AssertionError("The server closed the connection without a frame of type " + type);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
