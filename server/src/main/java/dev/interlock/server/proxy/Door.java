package dev.interlock.server.proxy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.Outcome;
import dev.interlock.RefusalMessage;
import dev.interlock.monitor.budgets.Usage;
import dev.interlock.monitor.loops.ToolTurn;
import dev.interlock.proxy.ProxyCaller;
import dev.interlock.proxy.ProxyDoor;
import dev.interlock.proxy.ProxyPermit;
import dev.interlock.proxy.ProxyProblem;
import dev.interlock.proxy.Upstream;
import dev.interlock.server.circuits.RefusalFor;
import dev.interlock.server.http.Outside;
import dev.interlock.server.http.Problem;
import dev.interlock.server.loops.ExecutionLoops;
import dev.interlock.server.permits.PermitsOfProxy;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.security.Security;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Lets callers of the proxy in by the server's keys and tokens, and asks the server's circuits for them. */
final class Door implements ProxyDoor {
    private final Security security;
    private final PermitsOfProxy permits;
    private final ExecutionLoops loops;
    private final CircuitBreakerManager circuits;
    private final UpstreamKeys keys;

    Door(
            Security security,
            PermitsOfProxy permits,
            ExecutionLoops loops,
            CircuitBreakerManager circuits,
            UpstreamKeys keys) {
        this.security = security;
        this.permits = permits;
        this.loops = loops;
        this.circuits = circuits;
        this.keys = keys;
    }

    @Override
    public Future<ProxyCaller> admit(HttpServerRequest request, @Nullable String credential) {
        String header = credential == null ? null : "Bearer " + credential;
        Future<Caller> admitted =
                security.access().admit(header, security.proxies().client(request), Role.AGENT);
        return admitted.succeeded() // as nearly always, out of memory
                ? Future.succeededFuture(known(request, admitted.result()))
                : admitted.map(caller -> known(request, caller))
                        .recover(refused -> Future.failedFuture(problem(request, refused)));
    }

    private ProxyCaller known(HttpServerRequest request, Caller caller) {
        Outside.admitted(request);
        return new Known(request, caller);
    }

    @Override
    public void leaveRest(HttpServerRequest request) {
        Outside.leaveRest(request);
    }

    private static ProxyProblem problem(HttpServerRequest request, Throwable why) {
        Problem problem = Outside.problem(request, why);
        String wait = problem.headers().get("Retry-After");
        return new ProxyProblem(
                problem.status(),
                problem.json().getString("type").replace('-', '_'),
                problem.json().getString("detail"),
                wait == null ? 0 : Long.parseLong(wait));
    }

    /** Somebody who was let in. */
    private final class Known implements ProxyCaller {
        private final HttpServerRequest request;
        private final Caller caller;

        Known(HttpServerRequest request, Caller caller) {
            this.request = request;
            this.caller = caller;
        }

        @Override
        public String organization() {
            return caller.organization();
        }

        @Override
        public String source() {
            return caller.organization() + '\n' + caller.source();
        }

        @Override
        public @Nullable String ownAgent() {
            String agents = caller.role() == Role.AGENT ? caller.agents() : null;
            return agents == null || agents.indexOf('*') >= 0 ? null : agents;
        }

        @Override
        public boolean mayActFor(String agent) {
            return caller.mayTouch(agent);
        }

        @Override
        public boolean isStillKnown() {
            return security.authenticator().isValid(caller);
        }

        @Override
        public Future<ProxyPermit> ask(
                String agent, List<String> needed, @Nullable String parent, @Nullable String execution) {
            CompletableFuture<BiConsumer<Outcome, Usage>> given =
                    permits.ask(caller, agent, needed, parent, execution).toCompletableFuture();
            if (given.isDone() && !given.isCompletedExceptionally()) {
                return Future.succeededFuture(given.join()::accept);
            }
            return Future.fromCompletionStage(given, Vertx.currentContext())
                    .map(settlement -> (ProxyPermit) settlement::accept)
                    .recover(refused -> Future.failedFuture(reason(refused)));
        }

        @Override
        public void turned(String agent, String execution, ToolTurn turn) {
            loops.turned(caller.organization(), agent, execution, turn);
        }

        private Throwable reason(Throwable refused) {
            Throwable cause =
                    refused instanceof CompletionException && refused.getCause() != null ? refused.getCause() : refused;
            if (cause instanceof CircuitOpenException) {
                return cause;
            }
            return problem(
                    request,
                    cause instanceof IllegalArgumentException wrong
                            ? Problem.invalid("A name in the request can be no circuit's: " + wrong.getMessage())
                            : cause);
        }

        @Override
        public String keyOf(Upstream upstream) {
            return keys.of(upstream, caller.organization());
        }

        @Override
        public RefusalMessage message(String agent, CircuitOpenException refused, List<String> alternatives) {
            return RefusalFor.message(circuits, caller, agent, refused, alternatives);
        }
    }
}
