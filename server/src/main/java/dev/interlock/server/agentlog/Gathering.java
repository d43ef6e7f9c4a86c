package dev.interlock.server.agentlog;

import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Incoming;
import dev.interlock.server.http.Problem;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One body as it comes, within its organization's share of the room for all bodies that are under way, so that many
 * callers at once cannot fill the memory, nor one organization keep others out. On its event loop, but for {@link
 * #release}.
 */
abstract class Gathering implements Incoming.Reader {
    private final Shares underWay;
    private final String organization;
    private final AtomicLong held = new AtomicLong();
    private final List<Buffer> pieces = new ArrayList<>();
    private int length;

    Gathering(Shares underWay, String organization) {
        this.underWay = underWay;
        this.organization = organization;
    }

    /** The body is whole; to be released. */
    abstract void whole(byte[] body);

    @Override
    public void piece(Buffer piece) {
        if (!underWay.take(organization, piece.length())) {
            throw Problem.tooMany(
                    "The organization has too many batches under way at this moment; send this one again later", 1);
        }
        held.addAndGet(piece.length());
        pieces.add(piece);
        length += piece.length();
    }

    @Override
    public void end() {
        byte[] body = new byte[length];
        int at = 0;
        for (Buffer piece : pieces) {
            piece.getBytes(body, at);
            at += piece.length();
        }
        pieces.clear();
        whole(body);
    }

    @Override
    public void gone() {
        release();
    }

    /** The body is no longer needed. Any thread may say so, more than once. */
    void release() {
        long back = held.getAndSet(0);
        if (back > 0) {
            underWay.give(organization, back);
        }
    }
}
