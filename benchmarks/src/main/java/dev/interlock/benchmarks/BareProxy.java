package dev.interlock.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/**
 * The peer of {@link ProxyLoad}: a bare Vert.x proxy on one event loop, that passes headers and bodies on in both
 * directions and looks at nothing. Its argument is the port of its upstream. Prints its own, and ends with its parent.
 */
final class BareProxy {
    private BareProxy() {}

    public static void main(String[] arguments) throws Exception {
        int upstream = Integer.parseInt(arguments[0]);
        Vertx vertx = PeerProgram.vertx();
        HttpClientAgent client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(4_000));
        PeerProgram.serve(vertx, request -> pass(client, upstream, request));
    }

    private static void pass(HttpClientAgent client, int upstream, HttpServerRequest request) {
        request.pause();
        client.request(new RequestOptions()
                        .setMethod(request.method())
                        .setHost("127.0.0.1")
                        .setPort(upstream)
                        .setURI(request.uri()))
                .compose(asked -> {
                    asked.headers().setAll(request.headers());
                    return asked.send(request);
                })
                .onSuccess(answer -> {
                    request.response().setStatusCode(answer.statusCode());
                    request.response().headers().setAll(answer.headers());
                    request.response().send(answer);
                })
                .onFailure(failed -> request.response().setStatusCode(502).end());
    }
}
