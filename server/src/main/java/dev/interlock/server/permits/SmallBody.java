package dev.interlock.server.permits;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A body that is gathered up to a limit; one that comes in one piece is not copied together. For one thread. */
final class SmallBody {
    private static final byte[] EMPTY = {};

    private final int limit;
    private @Nullable Buffer bytes;
    private boolean copied;
    private boolean tooLong;

    SmallBody(int limit) {
        this.limit = limit;
    }

    /** Takes a piece; false the one time that it becomes too long. */
    boolean add(Buffer piece) {
        if (tooLong) {
            return true;
        }
        Buffer present = bytes;
        if ((present == null ? 0 : present.length()) + piece.length() > limit) {
            tooLong = true;
            bytes = null;
            return false;
        }
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
        return true;
    }

    boolean isWhole() {
        return !tooLong;
    }

    byte[] bytes() {
        return bytes == null ? EMPTY : bytes.getBytes();
    }
}
