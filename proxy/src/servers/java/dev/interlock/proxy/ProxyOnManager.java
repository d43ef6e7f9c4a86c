package dev.interlock.proxy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.NamePattern;
import dev.interlock.Permit;
import dev.interlock.RefusalMessage;
import dev.interlock.monitor.Shares;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The proxy alone, before circuits of a manager in the same process. A key is {@code key-of-} and the agent's name. */
public final class ProxyOnManager implements AutoCloseable {
    private static final String KEY = "key-of-";
    private static final long PATIENCE = 30;

    private final Vertx vertx = Vertx.vertx();
    private final CircuitBreakerManager circuits;
    private final HttpServer server;
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final Shares places = new Shares(4_000, 99);
    private final Shares bodies = new Shares(1L << 30, 99);
    private final AtomicInteger permits = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    /** Until it has ended, callers are not yet known. */
    private volatile CompletableFuture<?> admission = CompletableFuture.completedFuture(null);

    /**
     * What calls under way hold.
     *
     * @param places among all that may be under way
     * @param bytes of their bodies
     * @param permits that are not settled
     */
    record Held(long places, long bytes, int permits) {
        static final Held NOTHING = new Held(0, 0, 0);
    }

    /** A proxy before upstreams. */
    public ProxyOnManager(CircuitBreakerManager circuits, List<Upstream> upstreams) {
        this(circuits, upstreams, ProxySettings.REFUSAL_STATUS);
    }

    /** A proxy whose refusals have another status. */
    public ProxyOnManager(CircuitBreakerManager circuits, List<Upstream> upstreams, int refusalStatus) {
        this.circuits = circuits;
        ProxySettings settings = new ProxySettings(refusalStatus, places, bodies, 4_000);
        ProxyHandler proxy = new ProxyHandler(vertx, upstreams, new Doorman(), settings, new HttpClientOptions());
        try {
            server = vertx.createHttpServer()
                    .connectionHandler(connection -> {
                        connections.incrementAndGet();
                        connection.closeHandler(closed -> connections.decrementAndGet());
                    })
                    .requestHandler(proxy::handle)
                    .listen(0, "127.0.0.1")
                    .await(PATIENCE, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** An upstream without a key, for everybody, at an address such as {@code http://127.0.0.1:8080}. */
    public static Upstream upstream(String name, Api api, URI address) {
        return new Upstream(
                name,
                api,
                new Upstream.Address(false, address.getHost(), address.getPort(), ""),
                null,
                api.keyHeader(),
                null,
                Set.of(CircuitId.DEFAULT_ORGANIZATION),
                List.of(new NamePattern("*")),
                List.of(new NamePattern("*")),
                List.of("/"),
                "",
                false,
                ProxyLimits.defaults(),
                List.of(),
                List.of());
    }

    /** The key of an agent. */
    public static String key(String agent) {
        return KEY + agent;
    }

    /** How many calls of an agent have arrived as POST, refused ones included. */
    public int calls(String agent) {
        AtomicInteger counted = calls.get(agent);
        return counted == null ? 0 : counted.get();
    }

    /** What calls hold at this moment. */
    Held held() {
        return new Held(places.total(), bodies.total(), permits.get());
    }

    /** How many callers are connected. */
    int connections() {
        return connections.get();
    }

    /** Who calls from now on is known once something has ended. */
    void admitAfter(CompletableFuture<?> something) {
        admission = something;
    }

    /** The address of a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.actualPort() + path);
    }

    @Override
    public void close() {
        try {
            vertx.close().await(PATIENCE, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Doorman implements ProxyDoor {
        @Override
        public Future<ProxyCaller> admit(HttpServerRequest request, @Nullable String credential) {
            if (credential == null || !credential.startsWith(KEY)) {
                return Future.failedFuture(new ProxyProblem(401, "unauthorized", "A key begins with " + KEY));
            }
            String agent = credential.substring(KEY.length());
            if (request.method().equals(HttpMethod.POST)) { // MCP clients also listen by GET, which asks for nothing
                calls.computeIfAbsent(agent, first -> new AtomicInteger()).incrementAndGet();
            }
            CompletableFuture<?> first = admission;
            return first.isDone()
                    ? Future.succeededFuture(new Agent(agent))
                    : Future.fromCompletionStage(first, Vertx.currentContext()).map(known -> new Agent(agent));
        }

        @Override
        public void leaveRest(HttpServerRequest request) {
            request.resume();
        }
    }

    private final class Agent implements ProxyCaller {
        private final String name;

        Agent(String name) {
            this.name = name;
        }

        @Override
        public String organization() {
            return CircuitId.DEFAULT_ORGANIZATION;
        }

        @Override
        public String source() {
            return name;
        }

        @Override
        public String ownAgent() {
            return name;
        }

        @Override
        public boolean mayActFor(String agent) {
            return agent.equals(name);
        }

        @Override
        public boolean isStillKnown() {
            return true;
        }

        @Override
        public Future<ProxyPermit> ask(
                String agent, List<String> needed, @Nullable String parent, @Nullable String execution) {
            try {
                Permit permit = circuits.guard(agent)
                        .dependingOn(needed.toArray(String[]::new))
                        .acquire();
                permits.incrementAndGet();
                return Future.succeededFuture((outcome, usage) -> {
                    permits.decrementAndGet();
                    permit.settle(outcome);
                });
            } catch (CircuitOpenException refused) {
                return Future.failedFuture(refused);
            }
        }

        @Override
        public String keyOf(Upstream upstream) {
            return String.valueOf(upstream.key());
        }

        @Override
        public RefusalMessage message(String agent, CircuitOpenException refused, List<String> alternatives) {
            return circuits.guard(agent)
                    .withAlternatives(alternatives.toArray(String[]::new))
                    .message(refused);
        }
    }
}
