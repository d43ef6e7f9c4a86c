package dev.interlock.server;

import dev.interlock.proxy.Upstream;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.config.SettingsOfProxy;
import dev.interlock.server.http.Front;
import dev.interlock.server.stream.StreamEndpoints;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One event loop's share of the server's port. */
final class HttpListener extends VerticleBase {
    private static final int LONGEST_LINE = 8_192;
    private static final int LONGEST_HEADERS = 16_384;
    private static final int MOST_STREAMS = 100;
    private static final int IDLE_SECONDS = 120;

    /** What a caller of the proxy waits longer than for an upstream: who is later than that is the upstream. */
    private static final int AFTER_UPSTREAM_SECONDS = 15;

    private static final long TICK_MILLIS = 1_000;

    /** To Vert.x: any port, and the same one for all instances. */
    private static final int ANY_SHARED = -1;

    private final HttpServerOptions options;
    private final Front front;
    private final LoopWatch watch;
    private @Nullable HttpServer server;

    HttpListener(HttpServerOptions options, Front front, LoopWatch watch) {
        this.options = options;
        this.front = front;
        this.watch = watch;
    }

    static HttpServerOptions options(Config config) {
        int port = config.get(Settings.PORT);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(port == 0 ? ANY_SHARED : port)
                .setMaxInitialLineLength(LONGEST_LINE)
                .setMaxHeaderSize(LONGEST_HEADERS)
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MOST_STREAMS)
                        .setMaxHeaderListSize(LONGEST_HEADERS))
                .setIdleTimeout(idleSeconds(config))
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        StreamEndpoints.configure(options);
        if (config.isTls()) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(config.get(Settings.TLS_CERT).toString())
                            .setKeyPath(config.get(Settings.TLS_KEY).toString()));
        }
        return options;
    }

    /** A connection on which nothing comes or goes is closed, but not while an upstream may still answer. */
    private static int idleSeconds(Config config) {
        long longest = config.get(SettingsOfProxy.UPSTREAMS).stream()
                .map(Upstream::limits)
                .flatMap(limits -> Stream.of(limits.firstByte(), limits.idle()))
                .mapToLong(Duration::toSeconds)
                .max()
                .orElse(0);
        return (int) Math.max(IDLE_SECONDS, longest + AFTER_UPSTREAM_SECONDS);
    }

    @Override
    public Future<?> start() {
        watch.add(task -> context.runOnContext(now -> task.run()));
        Front.Loop loop = front.loop();
        vertx.setPeriodic(TICK_MILLIS, now -> loop.tick());
        server = vertx.createHttpServer(options)
                .connectionHandler(loop::connected)
                .requestHandler(loop::handle)
                .invalidRequestHandler(loop::invalid);
        return server.listen();
    }

    int port() {
        return Objects.requireNonNull(server).actualPort();
    }

    /** Shows another certificate to connections that begin from now on. */
    Future<Boolean> renew(ServerSSLOptions options) {
        return Objects.requireNonNull(server).updateSSLOptions(options);
    }

    /** Takes no new connections, and closes those that there are as their requests end. */
    Future<Void> shutdown(Duration atMost) {
        return server == null ? Future.succeededFuture() : server.shutdown(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
