package dev.interlock.server.permits;

import dev.interlock.server.http.Incoming;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A body that is gathered; one that comes in one piece, as most do, is not copied together. For one thread. */
abstract class SmallBody implements Incoming.Reader {
    private static final byte[] EMPTY = {};

    private @Nullable Buffer bytes;
    private boolean copied;

    /** The body is whole. */
    abstract void whole(byte[] body);

    @Override
    public void piece(Buffer piece) {
        Buffer present = bytes;
        if (present == null) {
            bytes = piece;
        } else if (copied) {
            present.appendBuffer(piece);
        } else {
            bytes = Buffer.buffer(present.length() + piece.length())
                    .appendBuffer(present)
                    .appendBuffer(piece);
            copied = true;
        }
    }

    @Override
    public void end() {
        whole(bytes == null ? EMPTY : bytes.getBytes());
    }
}
