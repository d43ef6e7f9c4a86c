package dev.interlock.server.agentlog;

import dev.interlock.server.http.Problem;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One body as it comes, within a limit of its own and one for all bodies that are under way, so that many callers at once
 * cannot fill the memory. On its event loop, but for {@link #release}.
 */
final class Gathering {
    private final AtomicLong underWay;
    private final int longest;
    private final long mostUnderWay;
    private final AtomicLong held = new AtomicLong();
    private @Nullable Buffer bytes = Buffer.buffer();

    Gathering(AtomicLong underWay, int longest, long mostUnderWay) {
        this.underWay = underWay;
        this.longest = longest;
        this.mostUnderWay = mostUnderWay;
    }

    /** Takes a piece; answers the problem the one time that it is too much. */
    @Nullable
    Problem add(Buffer piece) {
        Buffer present = bytes;
        if (present == null) {
            return null;
        }
        if (present.length() + piece.length() > longest) {
            release();
            return Problem.tooLarge("The body may have at most " + longest + " bytes; send fewer entries at once");
        }
        if (underWay.addAndGet(piece.length()) > mostUnderWay) {
            underWay.addAndGet(-piece.length());
            release();
            return Problem.tooMany("Too many batches are under way at this moment; send it again", 1);
        }
        held.addAndGet(piece.length());
        present.appendBuffer(piece);
        return null;
    }

    /** The body, or null if it was refused or its caller has gone. */
    @Nullable
    Buffer whole() {
        return bytes;
    }

    /** The body is no longer needed. Any thread may say so, more than once. */
    void release() {
        bytes = null;
        underWay.addAndGet(-held.getAndSet(0));
    }
}
