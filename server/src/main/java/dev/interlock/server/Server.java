package dev.interlock.server;

import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.config.SettingsOfFront;
import dev.interlock.server.config.SettingsOfProxy;
import dev.interlock.server.dashboard.Dashboard;
import dev.interlock.server.documents.Documents;
import dev.interlock.server.health.GuardedCalls;
import dev.interlock.server.http.BasePath;
import dev.interlock.server.http.Dispatcher;
import dev.interlock.server.http.Door;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Front;
import dev.interlock.server.loops.ExecutionLoops;
import dev.interlock.server.permits.PermitDesk;
import dev.interlock.server.permits.PermitsOfProxy;
import dev.interlock.server.proxy.ProxyPart;
import dev.interlock.server.security.AdminKeyNotice;
import dev.interlock.server.signin.SignInPages;
import dev.interlock.server.signin.SignIns;
import dev.interlock.server.status.RequestFigures;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server: circuits, their store, and the port over which anybody can ask for them. Runs from {@link #start} to {@link
 * #close}; safe for use by any thread.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final Duration START_PATIENCE = Duration.ofMinutes(1);

    private final Config config;
    private final Parts parts;
    private final GuardedCalls calls;
    private final PermitDesk desk;
    private final ExecutionLoops loops;
    private final SignIns signIns;
    private final List<Endpoints> features;
    private final List<HttpListener> listeners = new CopyOnWriteArrayList<>();
    private final LoopWatch watch;
    private volatile @Nullable CertificateWatch certificate;
    private boolean closed;

    private Server(Config config, Parts parts) {
        this.config = config;
        this.parts = parts;
        this.calls = Features.calls(parts);
        this.desk = Features.permits(parts, calls);
        this.signIns = new SignIns(parts.vertx(), parts.security(), parts.time());
        this.loops = Features.loops(parts, config);
        this.features = Features.of(parts, config, calls, desk, signIns, loops.refusals());
        this.watch = new LoopWatch(parts.time());
        Gauge.builder("interlock.tls.certificate.end", this, Server::endOfCertificate)
                .description("When the certificate that the server shows ends, in seconds since 1970; 0 without TLS")
                .baseUnit("seconds")
                .register(parts.metrics().registry());
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @param config its settings
     * @return a running server, to be closed
     * @throws StartException if it cannot start, in one line for people
     */
    public static Server start(Config config) {
        Server server = new Server(config, Parts.open(config, options(config)));
        try {
            server.listen();
            server.watch.start();
            Chores.begin(server.parts, config);
            return server;
        } catch (RuntimeException | Error failed) {
            server.close();
            throw failed;
        }
    }

    /**
     * What an operator should know about the admin key; holds no key.
     *
     * @return where it lies, or how to get one
     */
    public AdminKeyNotice adminKey() {
        return parts.security().adminKey();
    }

    /**
     * Where the server listens.
     *
     * @return the real port, also where the settings asked for any
     */
    public int port() {
        return listeners.get(0).port();
    }

    /**
     * Stops gracefully: takes no more connections, notifies long-lived ones why they end, lets requests in flight end for as
     * long as {@code shutdown-grace} says, and brings to the store what is not there yet. A second call does nothing.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        watch.close();
        Duration grace = config.get(Settings.SHUTDOWN_GRACE);
        features.forEach(Endpoints::closing);
        List<Future<Void>> ends =
                listeners.stream().map(listener -> listener.shutdown(grace)).toList();
        await(Future.join(ends), grace.plusSeconds(1), "Not all requests ended in time");
        signIns.close();
        parts.close();
        await(parts.vertx().close(), Duration.ofSeconds(5), "Not all threads ended in time");
    }

    private void listen() {
        RequestFigures figures = new RequestFigures(parts.metrics().registry());
        Dispatcher dispatcher = new Dispatcher(parts.contract(), features, Door.of(parts.security()), figures);
        Dashboard dashboard = new Dashboard(dispatcher, figures);
        Documents documents = new Documents(parts.pools().computing(), figures, dashboard);
        HttpServerOptions options = HttpListener.options(config);
        DeploymentOptions loops = new DeploymentOptions().setInstances(loops(config));
        Front front = new Front(
                options,
                config.get(Settings.REQUEST_TIMEOUT),
                config.get(SettingsOfFront.MAX_CONNECTIONS),
                config.get(SettingsOfFront.MAX_STRANGERS),
                new BasePath(
                        Objects.requireNonNullElse(config.find(SettingsOfFront.BASE_PATH), ""),
                        parts.security().proxies()),
                proxy(figures, new SignInPages(signIns, parts.security(), figures, documents)));
        Supplier<HttpListener> listener = () -> {
            HttpListener made = new HttpListener(options, front, watch);
            listeners.add(made);
            return made;
        };
        try {
            parts.vertx().deployVerticle(listener, loops).await(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            throw new StartException(reason(e), e);
        }
        watchCertificate(options);
    }

    private void watchCertificate(HttpServerOptions options) {
        if (config.isTls()) {
            certificate = CertificateWatch.begin(
                    parts.vertx(),
                    options,
                    config.get(Settings.TLS_CERT),
                    config.get(Settings.TLS_KEY),
                    List.copyOf(listeners));
        }
    }

    private double endOfCertificate() {
        CertificateWatch shown = certificate;
        return shown == null ? 0 : shown.end().getEpochSecond();
    }

    private ProxyPart proxy(RequestFigures figures, Handler<HttpServerRequest> next) {
        return new ProxyPart(
                parts.vertx(),
                config.get(SettingsOfProxy.UPSTREAMS),
                parts.probing().secrets(),
                parts.security(),
                new PermitsOfProxy(desk, calls, parts.time(), parts.metrics().calls(), loops.refusals()),
                loops,
                parts.circuits(),
                config.get(SettingsOfProxy.REFUSAL_STATUS),
                config.get(SettingsOfProxy.MAX_CALLS),
                figures,
                next);
    }

    private String reason(Throwable failed) {
        Throwable cause = failed;
        while (cause.getCause() != null && !(cause instanceof BindException)) {
            cause = cause.getCause();
        }
        String place = config.host() + ":" + config.get(Settings.PORT);
        if (cause instanceof BindException && isOfAnotherMachine()) {
            return "The server cannot listen on " + place + ": this machine does not have the address " + config.host()
                    + "; correct --host or INTERLOCK_HOST";
        }
        if (cause instanceof BindException) {
            return "The server cannot listen on " + place + ": " + cause.getMessage()
                    + "; is another program there? Choose another port with --port or INTERLOCK_PORT";
        }
        if (cause instanceof UnresolvedAddressException) {
            return "The server cannot listen on " + place + ": no such host; see --host";
        }
        return "The server cannot listen on " + place + ": " + cause.getMessage();
    }

    /** Whether no network interface of this machine has the address, so that no other port would help. */
    private boolean isOfAnotherMachine() {
        try {
            InetAddress address = InetAddress.getByName(config.host());
            return !address.isAnyLocalAddress() && NetworkInterface.getByInetAddress(address) == null;
        } catch (IOException unknown) {
            return false;
        }
    }

    private static VertxOptions options(Config config) {
        return new VertxOptions()
                .setEventLoopPoolSize(loops(config))
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false));
    }

    private static int loops(Config config) {
        Integer loops = config.find(Settings.EVENT_LOOPS);
        return loops != null ? loops : Runtime.getRuntime().availableProcessors();
    }

    private static void await(Future<?> end, Duration atMost, String late) {
        try {
            end.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn(late);
        } catch (RuntimeException e) {
            LOG.warn(late, e);
        }
    }
}
