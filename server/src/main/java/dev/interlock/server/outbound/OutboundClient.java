package dev.interlock.server.outbound;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests to hosts on a list, and finds out with which status they are answered. Each has a connection of its own:
 * the name is resolved once, the addresses are checked, and one of them is connected to, so that a name which leads
 * elsewhere a moment later gains nothing. With TLS the certificate must be that of the name. No redirect is followed, and
 * of the answer only the head is read, up to 8 KiB; then the connection is closed.
 *
 * <p>Safe for use by any thread; blocks none. How many requests run at a time is for callers to limit.
 */
public final class OutboundClient implements AutoCloseable {
    private static final int MOST_TO_ONE_HOST = 64;
    private static final int LONGEST_HEAD = 8 * 1024;

    private final Vertx vertx;
    private final HttpClient client;
    private final OutboundHosts hosts;
    private final Names names;

    /**
     * A client of a server.
     *
     * @param vertx whose event loops make the requests, and whose resolver finds addresses
     * @param hosts where they may go
     */
    public OutboundClient(Vertx vertx, OutboundHosts hosts) {
        this(vertx, hosts, name -> resolve(vertx, name), new HttpClientOptions());
    }

    /** A client with a resolver and trusted certificates of its own. */
    OutboundClient(Vertx vertx, OutboundHosts hosts, Names names, HttpClientOptions trust) {
        this.vertx = vertx;
        this.hosts = hosts;
        this.names = names;
        HttpClientOptions options = new HttpClientOptions(trust)
                .setKeepAlive(false)
                .setVerifyHost(true)
                .setTrustAll(false)
                .setMaxHeaderSize(LONGEST_HEAD)
                .setDecompressionSupported(false);
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(MOST_TO_ONE_HOST);
        this.client = vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                .withConnectHandler(connection -> connection.exceptionHandler(broken -> {})) // or it would be logged
                .build();
    }

    /**
     * Makes a request, of whose answer the status is enough.
     *
     * @param request where to, and with what
     * @return the status of the answer, redirects included; fails with an {@link OutboundException} that says why there is
     *     none
     */
    public Future<Integer> send(OutboundRequest request) {
        return ask(request).map(OutboundAnswer::status);
    }

    /**
     * Makes a request.
     *
     * @param request where to, and with what
     * @return the head of the answer; fails with an {@link OutboundException} that says why there is none
     */
    public Future<OutboundAnswer> ask(OutboundRequest request) {
        if (!hosts.admits(request.target())) {
            return Future.failedFuture(new OutboundException(
                    hosts.admitsAnyPortOf(request.target())
                            ? "the host is on outbound-hosts with another port"
                            : "the host is not on outbound-hosts"));
        }
        Context context = vertx.getOrCreateContext();
        Exchange exchange = new Exchange(request);
        context.runOnContext(now -> exchange.begin());
        return exchange.answer.future();
    }

    /** Ends all requests. */
    @Override
    public void close() {
        client.close();
    }

    private static Future<List<InetAddress>> resolve(Vertx vertx, String name) {
        Promise<List<InetAddress>> found = Promise.promise();
        ((VertxInternal) vertx).nameResolver().resolveAll(name, all -> {
            if (all.succeeded()) {
                found.complete(
                        all.result().stream().map(InetSocketAddress::getAddress).toList());
            } else {
                found.fail(all.cause());
            }
        });
        return found.future();
    }

    private static String reason(Throwable failed) {
        if (failed instanceof OutboundException known) {
            return String.valueOf(known.getMessage());
        }
        if (failed instanceof UnknownHostException) {
            return "the name of the host has no address";
        }
        if (failed instanceof ConnectException) {
            return "no connection was accepted";
        }
        if (failed instanceof SSLException) {
            return "TLS failed, or the certificate is not one for this host";
        }
        return "the connection was broken before there was an answer";
    }

    /** One request on its event loop. */
    private final class Exchange {
        private final OutboundRequest request;
        private final Promise<OutboundAnswer> answer = Promise.promise();
        private @Nullable HttpClientRequest sent;
        private long timer;

        Exchange(OutboundRequest request) {
            this.request = request;
        }

        void begin() {
            timer = vertx.setTimer(
                    request.timeout().toMillis(),
                    late -> end(null, new OutboundException("there was no answer in time")));
            address()
                    .compose(this::connect)
                    .compose(this::ask)
                    .onSuccess(answered -> end(answered, null))
                    .onFailure(failed -> end(null, failed));
        }

        private Future<InetAddress> address() {
            Target target = request.target();
            byte[] literal = target.address();
            if (literal != null) {
                return checked(List.of(literal(literal)));
            }
            return names.resolve(target.host()).compose(this::checked);
        }

        /** A name that leads to an address which may not be connected to is not asked at its others either. */
        private Future<InetAddress> checked(List<InetAddress> addresses) {
            if (addresses.isEmpty()) {
                return Future.failedFuture(new UnknownHostException());
            }
            for (InetAddress each : addresses) {
                if (!hosts.admits(each.getAddress(), request.target().port())) {
                    return Future.failedFuture(new OutboundException(
                            "the host leads to an address that is not public, and not on outbound-hosts"));
                }
            }
            return Future.succeededFuture(addresses.get(0));
        }

        private Future<HttpClientRequest> connect(InetAddress address) {
            if (isOver()) {
                return Future.failedFuture(new OutboundException("over"));
            }
            Target target = request.target();
            boolean ipv6 = target.host().indexOf(':') >= 0;
            RequestOptions options = new RequestOptions()
                    .setMethod(HttpMethod.valueOf(request.method()))
                    .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, target.port())))
                    .setHost(ipv6 ? "[" + target.host() + "]" : target.host())
                    .setPort(target.port())
                    .setSsl(target.tls())
                    .setURI(target.path())
                    .setFollowRedirects(false)
                    .setConnectTimeout(request.timeout().toMillis());
            request.headers().forEach(options::putHeader);
            return client.request(options);
        }

        private Future<OutboundAnswer> ask(HttpClientRequest connected) {
            sent = connected;
            if (isOver()) {
                disconnect();
                return Future.failedFuture(new OutboundException("over"));
            }
            connected.exceptionHandler(failed -> {}); // the future of the answer fails as well
            String body = request.body();
            return (body == null ? connected.send() : connected.send(body)).map(head -> {
                head.exceptionHandler(cut -> {}); // what else it says does not matter
                return new OutboundAnswer(head.statusCode(), head.getHeader(HttpHeaders.RETRY_AFTER));
            });
        }

        private void end(@Nullable OutboundAnswer answered, @Nullable Throwable failed) {
            vertx.cancelTimer(timer);
            if (answered != null) {
                answer.tryComplete(answered);
            } else if (failed != null) {
                answer.tryFail(new OutboundException(reason(failed)));
            }
            disconnect();
        }

        private boolean isOver() {
            return answer.future().isComplete();
        }

        private void disconnect() {
            HttpClientRequest present = sent;
            if (present != null) {
                present.connection().close();
            }
        }
    }

    private static InetAddress literal(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
