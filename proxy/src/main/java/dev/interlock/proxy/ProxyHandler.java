package dev.interlock.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy: takes requests for {@code /proxy/NAME/…}, and forwards those that their caller may make and that no circuit
 * refuses. Used by several event loops; keeps and logs nothing of what is asked or answered.
 */
public final class ProxyHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHandler.class);
    private static final String PERMIT = "interlock-permit";
    private static final String AGENT = "interlock-agent";
    private static final String EXECUTION = "interlock-execution";
    private static final int LONGEST_EXECUTION = 256;
    private static final int KEEP_ALIVE_SECONDS = 10;

    private final Vertx vertx;
    private final HttpClient client;

    /** Of each event loop. */
    private final ThreadLocal<Deadlines> deadlines;

    private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
    private final ProxyDoor door;
    private final ProxySettings settings;
    private final MadeUpNames names = new MadeUpNames();

    /**
     * A proxy before some upstreams.
     *
     * @param vertx whose event loops call them
     * @param upstreams each with a name of its own; a fallback names another one of them
     * @param door lets calls in
     * @param settings for all of them
     * @param trust certificates that count; the other settings are the proxy's
     */
    public ProxyHandler(
            Vertx vertx, List<Upstream> upstreams, ProxyDoor door, ProxySettings settings, HttpClientOptions trust) {
        this.vertx = vertx;
        this.deadlines = ThreadLocal.withInitial(() ->
                new Deadlines(System::nanoTime, (millis, task) -> vertx.setTimer(millis, fired -> task.run())));
        this.door = door;
        this.settings = settings;
        upstreams.forEach(each -> this.upstreams.put(each.name(), each));
        HttpClientOptions options = new HttpClientOptions(trust)
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(true)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setVerifyHost(true)
                .setTrustAll(false)
                .setDecompressionSupported(false);
        this.client = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp1MaxSize(settings.mostCalls()))
                .withConnectHandler(connection -> connection.exceptionHandler(broken -> {})) // or it would be logged
                .build();
    }

    /**
     * Whether a request is for the proxy.
     *
     * @param request any
     * @return whether its path begins with {@code /proxy/}, in whatever form it came
     */
    public boolean takes(HttpServerRequest request) {
        String path = request.path();
        return !upstreams.isEmpty() && path != null && path.startsWith(RawPath.PREFIX);
    }

    /** Ends all calls. */
    public Future<Void> close() {
        return client.close();
    }

    /**
     * Answers a request.
     *
     * @param request one that it {@linkplain #takes takes}
     */
    public void handle(HttpServerRequest request) {
        request.pause();
        try {
            RawPath path = RawPath.of(request.uri());
            if (upgrades(request)) {
                throw new ProxyProblem(400, "no_upgrade", "The proxy takes no Upgrade; use plain HTTP");
            }
            door.admit(request, credential(request)).onComplete(admitted -> {
                try {
                    if (admitted.failed()) {
                        answer(request, admitted.cause());
                    } else if (!request.response().closed()) { // of a caller that has left nothing more is heard
                        admitted(request, path, admitted.result());
                    }
                } catch (RuntimeException failed) {
                    answer(request, failed);
                }
            });
        } catch (RuntimeException failed) {
            answer(request, failed);
        }
    }

    /** The JDK's client offers HTTP/2 with each request in clear text, which a server may pass over; nothing else is. */
    private static boolean upgrades(HttpServerRequest request) {
        return request.headers().contains("upgrade")
                && request.headers().getAll("upgrade").stream()
                        .anyMatch(each -> !each.strip().equalsIgnoreCase("h2c"));
    }

    /** Both houses' clients send the key that they were given, each in a header of its own. */
    private static @Nullable String credential(HttpServerRequest request) {
        String authorization = request.getHeader("authorization");
        String key = request.getHeader("x-api-key");
        if (authorization == null) {
            return key;
        }
        String bearer = authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).strip()
                : "";
        if (key != null && !key.strip().equals(bearer)) {
            throw new ProxyProblem(
                    400, "two_credentials", "Authorization and x-api-key bear different keys; send one of them");
        }
        return bearer;
    }

    private void admitted(HttpServerRequest request, RawPath path, ProxyCaller caller) {
        Upstream upstream = upstreams.get(path.upstream());
        if (upstream == null || !upstream.mayBeUsedBy(caller.organization())) {
            throw new ProxyProblem(404, "no_upstream", "There is no such upstream for this organization");
        }
        String agent = agent(request, caller);
        if (!upstream.mayBeUsedByAgent(agent)) {
            throw new ProxyProblem(403, "agent_not_allowed", "This agent may not use this upstream");
        }
        if (!upstream.hasPath(path.path())) {
            throw new ProxyProblem(404, "path_not_allowed", upstream.notOffered(path.path()));
        }
        Kind kind = upstream.api().kind(request.method().name(), path.path());
        if ((kind == Kind.RPC || kind.namesModel()) && isEncoded(request)) {
            throw new ProxyProblem(415, "encoded_body", "The body must come without a Content-Encoding");
        }
        String organization = caller.organization();
        if (!settings.calls().take(organization, 1)) {
            throw new ProxyProblem(
                    429, "too_many_calls", "This organization has too many calls under way; retry in a moment", 1);
        }
        boolean[] given = new boolean[1];
        Runnable done = () -> {
            if (!given[0]) {
                given[0] = true;
                settings.calls().give(organization, 1);
            }
        };
        JsonFields fields = fields(kind);
        Intake intake = new Intake(request, settings.bodies(), organization, fields, caller::isStillKnown);
        intake.start(
                body -> {
                    try {
                        whole(request, path, caller, agent, upstream, kind, fields, body, intake, done);
                    } catch (RuntimeException failed) {
                        intake.release();
                        done.run();
                        answer(request, failed);
                    }
                },
                problem -> {
                    done.run();
                    answer(request, problem);
                },
                done);
    }

    private void whole(
            HttpServerRequest request,
            RawPath path,
            ProxyCaller caller,
            String agent,
            Upstream upstream,
            Kind kind,
            @Nullable JsonFields fields,
            Buffer body,
            Intake intake,
            Runnable done) {
        String subject = fields == null ? null : subject(kind, fields);
        List<Upstream> order = new ArrayList<>(2);
        order.add(upstream);
        if (subject != null && kind.namesModel()) {
            mustOffer(upstream, caller, subject);
            order.addAll(fallbacks(upstream, caller, agent, subject, path));
        } else if (subject != null && !names.admit(caller.source(), upstream.toolCircuit(subject))) {
            throw tooManyNames("tools");
        }
        Call.Asked asked = new Call.Asked(
                agent,
                request.getHeader(PERMIT),
                execution(request),
                kind,
                subject,
                fields == null ? null : id(fields));
        new Call(
                        vertx,
                        deadlines.get(),
                        client,
                        request,
                        caller,
                        path,
                        asked,
                        settings.refusalStatus(),
                        order,
                        body,
                        intake::release,
                        done,
                        problem -> answer(request, problem))
                .start();
    }

    private void mustOffer(Upstream upstream, ProxyCaller caller, String model) {
        if (!upstream.offers(model)) {
            throw new ProxyProblem(
                    404, "model_not_offered", "The upstream '" + upstream.name() + "' does not offer this model here");
        }
        if (!upstream.lists(model) && !names.admit(caller.source(), upstream.modelCircuit(model))) {
            throw tooManyNames("models");
        }
    }

    private static ProxyProblem tooManyNames(String what) {
        return new ProxyProblem(
                429,
                "too_many_names",
                "This key has named too many different " + what + " that the file does not list",
                60);
    }

    /** The upstreams that may take the place of the first, if the caller may use them. */
    private List<Upstream> fallbacks(Upstream upstream, ProxyCaller caller, String agent, String model, RawPath path) {
        List<Upstream> found = new ArrayList<>();
        for (Upstream.Fallback each : upstream.fallbacks()) {
            Upstream other = upstreams.get(each.to());
            if (other != null
                    && each.takes(model)
                    && other.mayBeUsedBy(caller.organization())
                    && other.mayBeUsedByAgent(agent)
                    && other.hasPath(path.path())
                    && other.offers(model)) {
                found.add(other);
            }
        }
        return found;
    }

    private static String agent(HttpServerRequest request, ProxyCaller caller) {
        String named = request.getHeader(AGENT);
        String agent = named != null ? named.strip() : caller.ownAgent();
        if (agent == null || agent.isEmpty() || agent.length() > 256) {
            throw new ProxyProblem(
                    400,
                    "no_agent",
                    "It is not known whose call this is: use a key that is limited to one agent, or name the agent in"
                            + " the header interlock-agent");
        }
        if (!caller.mayActFor(agent)) {
            throw new ProxyProblem(403, "agent_not_allowed", "This key may not act for that agent");
        }
        return agent;
    }

    private static @Nullable String execution(HttpServerRequest request) {
        String execution = request.getHeader(EXECUTION);
        if (execution == null) {
            return null;
        }
        if (execution.isBlank() || execution.length() > LONGEST_EXECUTION) {
            throw new ProxyProblem(
                    400,
                    "invalid_execution",
                    "The header " + EXECUTION + " must have 1 to " + LONGEST_EXECUTION
                            + " characters, such as the id of a run; leave it out if there is none");
        }
        return execution.strip();
    }

    private static @Nullable JsonFields fields(Kind kind) {
        if (kind == Kind.RPC) {
            return new JsonFields(Set.of("method", "id", "params.name"));
        }
        return kind.namesModel() ? new JsonFields(Set.of("model")) : null;
    }

    /** The model, or the tool that is called; null if there is none. */
    private static @Nullable String subject(Kind kind, JsonFields fields) {
        if (kind == Kind.RPC) {
            return "tools/call".equals(fields.string("method")) ? name(fields, "params.name", "tool") : null;
        }
        return name(fields, "model", "model");
    }

    private static String name(JsonFields fields, String path, String what) {
        String name = fields.string(path);
        if (name == null || name.isBlank() || name.length() > 200) {
            throw new ProxyProblem(
                    400,
                    "invalid_body",
                    "The request cannot be judged: it must name a " + what + " in the field " + path);
        }
        return name;
    }

    private static @Nullable String id(JsonFields fields) {
        String string = fields.string("id");
        return string != null ? Json.encode(string) : fields.get("id");
    }

    private static boolean isEncoded(HttpServerRequest request) {
        String encoding = request.getHeader("content-encoding");
        return encoding != null && !encoding.strip().equalsIgnoreCase("identity");
    }

    private void answer(HttpServerRequest request, Throwable why) {
        if (request.response().ended()
                || request.response().closed()
                || request.response().headWritten()) {
            return;
        }
        ProxyProblem problem;
        if (why instanceof ProxyProblem known) {
            problem = known;
        } else {
            LOG.error("A call through the proxy failed by a mistake of the proxy", why);
            problem = ProxyProblem.mistake();
        }
        if (!request.isEnded()) {
            door.leaveRest(request);
        }
        Refusals.answer(request.response(), problem);
    }
}
