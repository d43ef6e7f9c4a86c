package dev.interlock.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
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
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(4_000));
        int port = vertx.createHttpServer()
                .requestHandler(HttpProxy.reverseProxy(client).origin(upstream, "127.0.0.1"))
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();
        System.out.println(port);
        while (System.in.read() >= 0) {
            continue; // until the parent closes its end
        }
        System.exit(0);
    }
}
