package dev.interlock.server.agentlog;

import dev.interlock.server.http.Problem;
import dev.interlock.server.shares.Shares;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One body as it comes, within a limit of its own and its organization's share of the room for all bodies that are under
 * way, so that many callers at once cannot fill the memory, nor one organization keep others out. On its event loop, but
 * for {@link #release}.
 */
final class Gathering {
    private final Shares underWay;
    private final String organization;
    private final int longest;
    private final AtomicLong held = new AtomicLong();
    private @Nullable Buffer bytes = Buffer.buffer();

    Gathering(Shares underWay, String organization, int longest) {
        this.underWay = underWay;
        this.organization = organization;
        this.longest = longest;
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
        if (!underWay.take(organization, piece.length())) {
            release();
            return Problem.tooMany(
                    "The organization has too many batches under way at this moment; send this one again later", 1);
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
        long back = held.getAndSet(0);
        if (back > 0) {
            underWay.give(organization, back);
        }
    }
}
