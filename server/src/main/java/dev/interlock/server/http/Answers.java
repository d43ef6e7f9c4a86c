package dev.interlock.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Lists as they are answered: compressed for who takes that, and not at all for who has them already. */
public final class Answers {
    private static final CharSequence GZIP = HttpHeaders.createOptimized("gzip");
    private static final CharSequence VARY = HttpHeaders.createOptimized("Accept-Encoding, Authorization");
    private static final int LEVEL = 4;
    private static final int BLOCK = 1_024;

    private Answers() {}

    /**
     * Names the state that a list is in, and answers 304 to who has it already.
     *
     * @param exchange the call
     * @param tag of the list's present state
     * @return true if that was the answer
     */
    public static boolean has(Exchange exchange, String tag) {
        exchange.response().putHeader(HttpHeaders.ETAG, tag).putHeader(HttpHeaders.VARY, VARY);
        String known = exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH);
        if (known == null || !(known.strip().equals("*") || contains(known, tag))) {
            return false;
        }
        exchange.response().setStatusCode(304).end();
        return true;
    }

    private static boolean contains(String known, String tag) {
        for (String each : known.split(",", 20)) {
            if (each.strip().equals(tag)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a caller takes an answer that is compressed. */
    static boolean takesGzip(HttpServerRequest request) {
        String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
        if (accepted == null) {
            return false;
        }
        for (String each : accepted.toLowerCase(Locale.ROOT).split(",", 20)) {
            String[] parts = each.split(";", 2);
            String name = parts[0].strip();
            if (name.equals("gzip") || name.equals("*")) {
                return parts.length == 1 || !parts[1].replace(" ", "").matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    /** Says that the answer is compressed. */
    static void saysGzip(Exchange exchange) {
        exchange.response().putHeader(HttpHeaders.CONTENT_ENCODING, GZIP).putHeader(HttpHeaders.VARY, VARY);
    }

    /** Compresses a whole body. Takes a millisecond for a hundred kilobytes: for a worker. */
    static Buffer gzip(Buffer body) {
        Pieces pieces = new Pieces(true);
        return pieces.last(body);
    }

    /**
     * The pieces of a list, compressed if the caller takes that.
     *
     * @param exchange the call; its answer's headers say so
     * @return for one event loop
     */
    public static Pieces pieces(Exchange exchange) {
        boolean gzip = takesGzip(exchange.request());
        if (gzip) {
            saysGzip(exchange);
        }
        return new Pieces(gzip);
    }

    /** A body in pieces. For one thread at a time. */
    public static final class Pieces {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final @Nullable Compressor compressor;

        private Pieces(boolean gzip) {
            try {
                this.compressor = gzip ? new Compressor(bytes) : null;
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }

        /**
         * A piece that others follow.
         *
         * @param piece as it is
         * @return as it is sent
         */
        public Buffer next(Buffer piece) {
            return write(piece, false);
        }

        /**
         * The last piece.
         *
         * @param piece as it is
         * @return as it is sent
         */
        public Buffer last(Buffer piece) {
            return write(piece, true);
        }

        /** Gives back what a body needs that is not brought to its end. */
        public void drop() {
            if (compressor != null) {
                compressor.drop();
            }
        }

        private Buffer write(Buffer piece, boolean last) {
            if (compressor == null) {
                return piece;
            }
            try {
                compressor.write(piece.getBytes());
                if (last) {
                    compressor.close();
                } else {
                    compressor.flush();
                }
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            Buffer written = Buffer.buffer(bytes.toByteArray());
            bytes.reset();
            return written;
        }
    }

    private static final class Compressor extends GZIPOutputStream {
        Compressor(ByteArrayOutputStream to) throws IOException {
            super(to, BLOCK, true);
            def.setLevel(LEVEL);
        }

        void drop() {
            def.end();
        }
    }
}
