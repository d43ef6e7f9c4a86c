package dev.interlock.proxy;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.monitor.budgets.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call to one upstream: sent, passed back byte for byte, judged and settled. It ends once: whole, failed, too late, or
 * given up by the caller. On its event loop only.
 */
final class Forward extends Deadlines.Watched {
    private static final Logger LOG = LoggerFactory.getLogger(Forward.class);
    private static final long CONNECT_MILLIS = 10_000;

    /** What becomes of a call that this class does not answer itself. */
    interface Ends {
        /** No connection was made, and nothing was answered or settled. */
        void notConnected();

        /** The head of the answer has come: nobody else will be asked. */
        void begun();

        /** The call is settled and answered, as far as that can be. */
        void over();
    }

    private final Deadlines deadlines;
    private final HttpClient client;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Upstream upstream;
    private final Kind kind;
    private final ProxyPermit permit;
    private final Ends ends;
    private final String counted;
    private @Nullable HttpClientRequest sent;
    private @Nullable HttpClientResponse answer;
    private @Nullable Judge judge;
    private boolean over;
    private boolean settled;
    private long owed = -1;
    private boolean waits = true;
    private long began;
    private long last;

    Forward(
            Deadlines deadlines,
            HttpClient client,
            HttpServerRequest request,
            Upstream upstream,
            Kind kind,
            ProxyPermit permit,
            String counted,
            Ends ends) {
        this.deadlines = deadlines;
        this.client = client;
        this.request = request;
        this.response = request.response();
        this.upstream = upstream;
        this.kind = kind;
        this.permit = permit;
        this.counted = counted;
        this.ends = ends;
    }

    /** Sends the call. */
    void start(RawPath path, @Nullable String key, Buffer body) {
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setHost(upstream.address().host())
                .setPort(upstream.address().port())
                .setSsl(upstream.address().tls())
                .setURI(upstream.address().path() + path.path() + path.query())
                .setFollowRedirects(false)
                .setConnectTimeout(CONNECT_MILLIS);
        client.request(options).onComplete(connected -> {
            if (connected.failed()) {
                if (!over) {
                    over = true;
                    ends.notConnected();
                }
                return;
            }
            HttpClientRequest made = connected.result();
            made.exceptionHandler(failed -> {}); // the future of the answer fails as well
            if (over) {
                made.reset();
            } else {
                guarded(() -> send(made, key, body));
            }
        });
    }

    /** The caller is gone: nobody waits for the rest. */
    void callerGone() {
        end(Outcome.cancelled(), true);
    }

    private void send(HttpClientRequest connected, @Nullable String key, Buffer body) {
        sent = connected;
        HeaderRules.request(request.headers(), connected.headers());
        if (key != null) {
            boolean bearer = upstream.keyHeader().equals("authorization");
            connected.putHeader(upstream.keyHeader(), bearer ? "Bearer " + key : key);
        }
        began = System.nanoTime();
        last = began;
        deadlines.add(this, began, look(began));
        boolean hasBody = body.length() > 0 || request.headers().contains("content-length");
        (hasBody ? connected.send(body) : connected.send()).onComplete(answered -> {
            if (over) {
                return;
            }
            if (answered.failed()) {
                fail(
                        Outcome.failure(FailureKind.CONNECTION),
                        502,
                        "The upstream closed the connection without an answer");
            } else {
                guarded(() -> pass(answered.result()));
            }
        });
    }

    private void pass(HttpClientResponse head) {
        answer = head;
        ends.begun();
        int status = head.statusCode();
        judge = new Judge(kind, upstream.ours(), status, head::getHeader);
        owed = length(head);
        touch();
        if (kind == Kind.LISTENING && status < 400) {
            settle(Outcome.success()); // how long it then stays silent says nothing
        }
        response.setStatusCode(status);
        HeaderRules.answer(head.headers(), response.headers(), upstream.ours());
        response.putHeader(HeaderRules.COUNTED, counted);
        boolean bodiless = request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304;
        if (!bodiless && !response.headers().contains("content-length")) {
            if (request.version() == HttpVersion.HTTP_1_0) {
                response.putHeader("connection", "close");
            }
            response.setChunked(true);
        }
        if (request.version() == HttpVersion.HTTP_2 && bodiless) {
            response.headers().remove("transfer-encoding");
        }
        head.handler(piece -> guarded(() -> piece(piece)));
        head.exceptionHandler(cut -> end(Outcome.failure(FailureKind.CONNECTION), true));
        head.endHandler(ended -> guarded(this::whole));
    }

    private void piece(Buffer piece) {
        if (over || judge == null) {
            return;
        }
        judge.piece(piece.getBytes());
        owed -= piece.length();
        if (owed == 0) {
            end(piece);
            return;
        }
        if (judge.hasEnded()) {
            settle(judge.whole()); // before the caller knows, whose next call must meet what this one did
        }
        touch();
        response.write(piece);
        if (response.writeQueueFull() && answer != null) {
            HttpClientResponse source = answer;
            source.pause();
            waits = false; // for the caller, who is nobody's fault but its own
            response.drainHandler(drained -> {
                waits = true;
                touch();
                source.resume();
            });
        }
    }

    private void whole() {
        if (!over) {
            end(null);
        }
    }

    /** The answer is whole with its last piece, be it by its length or by the end of its chunks. */
    private void end(@Nullable Buffer lastPiece) {
        if (judge == null) {
            return;
        }
        Outcome outcome = judge.whole();
        over = true;
        settle(outcome); // before the caller knows, whose next call must meet what this one did
        deadlines.remove(this);
        if (lastPiece == null) {
            response.end();
        } else {
            response.end(lastPiece);
        }
        ends.over();
    }

    private void touch() {
        last = System.nanoTime();
    }

    @Override
    long look(long now) {
        ProxyLimits limits = upstream.limits();
        long total = began + limits.total().toNanos() - now;
        long next = answer == null
                ? began + limits.firstByte().toNanos() - now
                : last + limits.idle().toNanos() - now;
        if (total <= 0 || next <= 0 && waits) {
            late(total <= 0);
            return now;
        }
        return now
                + (waits ? Math.min(total, next) : Math.min(total, limits.idle().toNanos()));
    }

    private void late(boolean inAll) {
        if (kind == Kind.LISTENING && answer != null) {
            silent();
            return;
        }
        String what = inAll ? "in all" : answer == null ? "for the first byte of its answer" : "between two pieces";
        Outcome outcome = kind == Kind.LISTENING ? Outcome.cancelled() : Outcome.failure(FailureKind.TIMEOUT);
        fail(outcome, 504, "The upstream took longer than it may " + what);
    }

    /** Ends a wait for what a server says by itself; its client waits again if it wants to. */
    private void silent() {
        HttpClientRequest request = sent;
        whole();
        if (request != null) {
            request.reset();
        }
    }

    /** A mistake of the proxy ends the call, which would else hold its place and its permit for ever. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException mistake) {
            LOG.error("A call through the proxy failed by a mistake of the proxy", mistake);
            fail(Outcome.cancelled(), ProxyProblem.mistake());
        }
    }

    private void fail(Outcome outcome, int status, String text) {
        fail(outcome, new ProxyProblem(status, "upstream_failed", text));
    }

    /** Ends the call with an answer of its own, if none has begun. */
    private void fail(Outcome outcome, ProxyProblem problem) {
        if (over) {
            return;
        }
        if (!response.headWritten() && answer == null) {
            end(outcome, false);
            response.putHeader(HeaderRules.COUNTED, counted);
            Refusals.answer(response, problem);
        } else {
            end(outcome, true);
        }
    }

    /** Ends the call; an answer that has begun is broken off, so that it does not look whole. */
    private void end(Outcome outcome, boolean breaksOff) {
        if (over) {
            return;
        }
        over = true;
        settle(outcome);
        deadlines.remove(this);
        if (sent != null) {
            sent.reset();
        }
        if (breaksOff && !response.ended() && !response.closed()) {
            response.reset();
        }
        ends.over();
    }

    private void settle(Outcome outcome) {
        if (!settled) {
            settled = true;
            permit.settle(outcome, judge == null ? Usage.UNKNOWN : judge.usage());
        }
    }

    /** How long the body is; -1 if only its end says so. */
    private static long length(HttpClientResponse head) {
        String length = head.getHeader("content-length");
        try {
            return length == null ? -1 : Long.parseLong(length.strip());
        } catch (NumberFormatException none) {
            return -1;
        }
    }
}
