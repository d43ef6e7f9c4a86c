package dev.interlock.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.httpproxy.HttpProxy;

/**
 * The other peer of {@link ProxyLoad}: Vert.x' own proxy as it comes, on one event loop. Its argument is the port of its
 * upstream. Prints its own, and ends with its parent.
 */
final class LibraryProxy {
    private LibraryProxy() {}

    public static void main(String[] arguments) throws Exception {
        int upstream = Integer.parseInt(arguments[0]);
        Vertx vertx = PeerProgram.vertx();
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(4_000));
        PeerProgram.serve(vertx, HttpProxy.reverseProxy(client).origin(upstream, "127.0.0.1"));
    }
}
