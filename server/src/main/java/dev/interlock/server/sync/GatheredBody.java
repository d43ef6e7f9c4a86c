package dev.interlock.server.sync;

import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Incoming;
import dev.interlock.server.http.Problem;
import io.vertx.core.buffer.Buffer;

/** One body as it comes, within its organization's share of the room for bodies. On its event loop. */
abstract class GatheredBody implements Incoming.Reader {
    private final Shares underWay;
    private final String organization;
    private final Buffer bytes = Buffer.buffer();
    private long held;

    GatheredBody(Shares underWay, String organization) {
        this.underWay = underWay;
        this.organization = organization;
    }

    /** The body is whole; to be released. */
    abstract void whole(byte[] body);

    @Override
    public void piece(Buffer piece) {
        if (!underWay.take(organization, piece.length())) {
            throw Problem.tooMany(
                    "The organization has too many reports under way at this moment; send this one again later", 1);
        }
        held += piece.length();
        bytes.appendBuffer(piece);
    }

    @Override
    public void end() {
        whole(bytes.getBytes());
    }

    @Override
    public void gone() {
        release();
    }

    /** The body is no longer needed. */
    void release() {
        underWay.give(organization, held);
        held = 0;
    }
}
