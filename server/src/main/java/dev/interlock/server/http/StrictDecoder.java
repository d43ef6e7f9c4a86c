package dev.interlock.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ByteProcessor;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.util.List;

/**
 * Cuts what a connection brings into requests, and refuses what two readers may read in two ways (RFC 9112): a
 * Content-Length together with a Transfer-Encoding, a Transfer-Encoding that is not exactly {@code chunked}, not
 * exactly one Host, folded lines, headers without a name. Knows how far the present request has come. On its event loop
 * only.
 */
final class StrictDecoder extends VertxHttpRequestDecoder {
    /** How far a connection has come. */
    enum At {
        BETWEEN,
        HEAD,
        BODY,
        BROKEN
    }

    /** Hears of what becomes of requests, on the event loop. */
    interface Listener {
        /** A head is whole. */
        void head();

        /** The body of the last head cannot be read; nothing more will come. */
        void brokenBody();
    }

    private static final ByteProcessor BLANK = each -> each <= ' ' && each >= 0;

    private final Listener listener;
    private At at = At.BETWEEN;
    private boolean lineRead;
    private boolean folded;
    private long bodyBytes;
    private long begun;
    private long discarded;
    private long mostDiscarded = Long.MAX_VALUE;
    private Runnable beyondMost = () -> {};

    StrictDecoder(HttpServerOptions options, Listener listener) {
        super(options);
        this.listener = listener;
    }

    At at() {
        return at;
    }

    /** How much of the present body has come. */
    long bodyBytes() {
        return bodyBytes;
    }

    /** How many requests have begun to arrive. */
    long begun() {
        return begun;
    }

    /** Nothing that still comes is looked at. */
    void discardRest() {
        discardRest(Long.MAX_VALUE, () -> {});
    }

    /**
     * Nothing that still comes is looked at, nor copied.
     *
     * @param most how many bytes may still come
     * @param beyond is run when more do
     */
    void discardRest(long most, Runnable beyond) {
        at = At.BROKEN;
        mostDiscarded = most;
        beyondMost = beyond;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (at == At.BROKEN) {
            discarded += in.readableBytes();
            in.skipBytes(in.readableBytes());
            if (discarded > mostDiscarded) {
                beyondMost.run();
            }
            return;
        }
        if (at == At.BETWEEN) {
            at = At.HEAD;
            lineRead = false;
            folded = false;
            bodyBytes = 0;
            begun++;
        }
        if (at == At.HEAD) {
            folded |= hasFoldedLine(in);
        }
        int before = in.readableBytes();
        int first = out.size();
        super.decode(context, in, out);
        if (at == At.BODY) {
            bodyBytes += before - in.readableBytes();
        }
        for (int i = first; i < out.size(); i++) {
            look(out.get(i), out, i);
        }
    }

    private void look(Object part, List<Object> out, int place) {
        if (part instanceof HttpRequest request) {
            at = request.decoderResult().isSuccess() ? At.BODY : At.BROKEN;
            listener.head();
        } else if (part instanceof HttpContent content) {
            if (content.decoderResult().isFailure()) {
                at = At.BROKEN;
                content.release();
                out.remove(place);
                listener.brokenBody();
            } else if (part instanceof LastHttpContent) {
                at = At.BETWEEN;
            }
        }
    }

    /** Netty joins folded lines without a word, so they are looked for before it does. The buffer begins with a line. */
    private boolean hasFoldedLine(ByteBuf in) {
        int end = in.writerIndex();
        int line = in.readerIndex();
        if (!lineRead) {
            line = in.forEachByte(line, end - line, BLANK);
            line = line < 0 ? -1 : afterLine(in, line);
        }
        while (line >= 0 && line < end) {
            byte first = in.getByte(line);
            if (first == ' ' || first == '\t') {
                return true;
            }
            if (first == '\r' || first == '\n') {
                return false;
            }
            line = afterLine(in, line);
        }
        return false;
    }

    private static int afterLine(ByteBuf in, int from) {
        int end = in.indexOf(from, in.writerIndex(), (byte) '\n');
        return end < 0 ? -1 : end + 1;
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        lineRead = true;
        return super.createMessage(initialLine);
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0) {
            throw new AmbiguousRequestException("A header has no name; each must be a name, a colon and a value");
        }
        return super.splitHeaderName(line, start, length);
    }

    /** Asked once for each request, when its headers are known and nothing has been made of them. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        check(message);
        return super.isContentAlwaysEmpty(message);
    }

    private void check(HttpMessage message) {
        if (folded) {
            throw new AmbiguousRequestException(
                    "A header goes on in a second line, which RFC 9112 does away with; each must be one line");
        }
        HttpHeaders headers = message.headers();
        boolean http11 = message.protocolVersion().equals(HttpVersion.HTTP_1_1);
        checkHost(headers.getAll(HttpHeaderNames.HOST), http11);
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            checkTransferEncoding(headers, http11);
        }
    }

    private static void checkHost(List<String> hosts, boolean http11) {
        if (hosts.size() > 1 || hosts.isEmpty() && http11) {
            throw new AmbiguousRequestException(
                    "The request has " + hosts.size() + " Host headers; it must have exactly one");
        }
        if (!hosts.isEmpty()) {
            String host = hosts.get(0);
            for (int i = 0; i < host.length(); i++) {
                char each = host.charAt(i);
                if (each <= ' ' || each >= 0x7F || "/\\@?#".indexOf(each) >= 0) {
                    throw new AmbiguousRequestException(
                            "The Host header must be a name or an address, and a port if need be");
                }
            }
        }
    }

    private static void checkTransferEncoding(HttpHeaders headers, boolean http11) {
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            throw new AmbiguousRequestException(
                    "The request has a Content-Length and a Transfer-Encoding; it may have one of them");
        }
        if (!http11) {
            throw new AmbiguousRequestException("A Transfer-Encoding needs HTTP/1.1");
        }
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (codings.size() > 1 || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0))) {
            throw new AmbiguousRequestException("The Transfer-Encoding must be 'chunked' and nothing else");
        }
    }
}
