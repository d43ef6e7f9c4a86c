package dev.interlock.server.agentlog;

import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Incoming;
import dev.interlock.server.http.Problem;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One body as it comes, within its organization's share of the room for all bodies that are under way, so that many
 * callers at once cannot fill the memory, nor one organization keep others out; and with room for its rows, so that it is
 * not read for nothing. On its event loop, except for {@link #release} and {@link #giveRoom}.
 */
public abstract class Gathering implements Incoming.Reader {
    private final Shares underWay;
    private final String organization;
    private final AtomicLong held = new AtomicLong();
    private final AtomicReference<JdbcLogStore.@Nullable Room> room;
    private final List<Buffer> pieces = new ArrayList<>();

    /**
     * A body that is about to come.
     *
     * @param underWay the room for all bodies
     * @param organization whose it is
     * @param room for its rows
     */
    protected Gathering(Shares underWay, String organization, JdbcLogStore.Room room) {
        this.underWay = underWay;
        this.organization = organization;
        this.room = new AtomicReference<>(room);
    }

    /**
     * The body is whole; to be released.
     *
     * @param body to be read by one thread
     */
    protected abstract void whole(InputStream body);

    @Override
    public void piece(Buffer piece) {
        if (!underWay.take(organization, piece.length())) {
            throw Problem.tooMany(
                    "The organization has too many batches under way at this moment; send this one again later", 1);
        }
        held.addAndGet(piece.length());
        pieces.add(piece);
    }

    @Override
    public void end() {
        whole(new Pieces(pieces.iterator()));
    }

    @Override
    public void gone() {
        release();
    }

    /** The body is no longer needed. Any thread may say so, more than once. */
    public final void release() {
        giveRoom();
        long back = held.getAndSet(0);
        if (back > 0) {
            underWay.give(organization, back);
        }
    }

    /** The room for its rows is no longer needed, or their own is about to be kept. Any thread may say so, more than once. */
    protected final void giveRoom() {
        JdbcLogStore.Room kept = room.getAndSet(null);
        if (kept != null) {
            kept.close();
        }
    }

    /** A body as it came: whole in one array, it would be a burden for the collector of garbage. */
    private static final class Pieces extends InputStream {
        private final Iterator<Buffer> rest;
        private Buffer piece = Buffer.buffer();
        private int at;

        Pieces(Iterator<Buffer> rest) {
            this.rest = rest;
        }

        @Override
        public int read() {
            return isAtEnd() ? -1 : piece.getByte(at++) & 0xFF;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (length == 0) {
                return 0;
            }
            if (isAtEnd()) {
                return -1;
            }
            int some = Math.min(length, piece.length() - at);
            piece.getBytes(at, at + some, into, from);
            at += some;
            return some;
        }

        private boolean isAtEnd() {
            while (at == piece.length()) {
                if (!rest.hasNext()) {
                    return true;
                }
                piece = rest.next();
                at = 0;
            }
            return false;
        }
    }
}
