package dev.interlock.server.stream;

import dev.interlock.server.RawConnection;
import dev.interlock.server.RunningServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket whose frames a test writes byte by byte; masked with zeros, so that what is sent can be read. */
final class RawStream implements AutoCloseable {
    static final int FINAL = 0x80;
    static final int RSV1 = 0x40;
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int PING = 9;
    private static final int CLOSE = 8;

    private final RawConnection connection;
    private final String handshake;

    /** Connects, with further headers of the handshake. */
    RawStream(RunningServer server, String caller, String headers) {
        this(new RawConnection(server), caller, headers);
    }

    /** Makes a WebSocket of a connection. */
    RawStream(RawConnection connection, String caller, String headers) {
        this.connection = connection;
        connection.send(RawConnection.head("GET", "/api/v1/stream", caller)
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + headers + "\r\n");
        handshake = connection.readHead();
        if (!handshake.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError(handshake);
        }
    }

    /** The server's side of the handshake. */
    String handshake() {
        return handshake;
    }

    RawStream send(int first, byte[] payload) {
        connection.send(frame(first, payload));
        return this;
    }

    RawConnection connection() {
        return connection;
    }

    static byte[] frame(int first, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
        frame.put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65_536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(0).put(payload);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** The code with which the server says goodbye; what it says before is left out. */
    int closeCode() {
        return ByteBuffer.wrap(goodbye()).getShort() & 0xFFFF;
    }

    /** The code and the reason with which the server says goodbye. */
    byte[] goodbye() {
        while (true) {
            int first = connection.read();
            if (first < 0) {
                throw new AssertionError("The server closed the connection without a word");
            }
            int length = connection.read() & 0x7F;
            if (length == 126) {
                length = ByteBuffer.wrap(connection.read(2)).getShort() & 0xFFFF;
            } else if (length == 127) {
                length = (int) ByteBuffer.wrap(connection.read(8)).getLong();
            }
            byte[] payload = connection.read(length);
            if ((first & 0x0F) == CLOSE) {
                return payload;
            }
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        connection.close();
    }
}
