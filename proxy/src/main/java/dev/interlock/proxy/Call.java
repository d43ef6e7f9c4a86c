package dev.interlock.proxy;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.RefusalMessage;
import dev.interlock.monitor.loops.ToolTurn;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call whose request is whole: asks the circuits of caller, model or tool, and key; sends it to its upstream, or where
 * the file says so to another one, but only if the first was not asked; or refuses. On its event loop only.
 */
final class Call {
    /**
     * What is asked for.
     *
     * @param agent whose call
     * @param parent the permit within which it is made, or null
     * @param execution the execution that makes it, or null
     * @param kind of request
     * @param subject the model or tool, or null
     * @param rpcId the JSON of a request's id in JSON-RPC, or null
     */
    record Asked(
            String agent,
            @Nullable String parent,
            @Nullable String execution,
            Kind kind,
            @Nullable String subject,
            @Nullable String rpcId) {

        List<String> circuits(Upstream upstream) {
            List<String> circuits = new ArrayList<>(3);
            if (subject != null && kind.namesModel()) {
                circuits.add(upstream.modelCircuit(subject));
            } else {
                circuits.add(upstream.serviceCircuit());
                if (subject != null) {
                    circuits.add(upstream.toolCircuit(subject));
                }
            }
            if (upstream.keyCircuit() != null) {
                circuits.add(upstream.keyCircuit());
            }
            return circuits;
        }

        /** The circuits around the call, as a header names them. */
        String counted(List<String> circuits) {
            List<String> all = new ArrayList<>(circuits);
            all.add(agent);
            return HeaderRules.names(all);
        }

        /**
         * How a call ended, with the circuit that it says something of where two of them are a tool's: what the server does
         * is the server's, and only an error of the tool is the tool's.
         */
        Outcome attributed(Upstream upstream, Outcome outcome) {
            FailureKind failure = outcome.kind();
            if (subject == null || kind.namesModel() || failure == null) {
                return outcome;
            }
            if (failure == FailureKind.TOOL_ERROR) {
                return outcome.attributedTo(upstream.toolCircuit(subject));
            }
            return OF_THE_SERVER.contains(failure) || upstream.keyCircuit() == null && OF_ITS_KEY.contains(failure)
                    ? outcome.attributedTo(upstream.serviceCircuit())
                    : outcome;
        }
    }

    private static final Set<FailureKind> OF_THE_SERVER = EnumSet.of(
            FailureKind.TIMEOUT,
            FailureKind.CONNECTION,
            FailureKind.SERVER_ERROR,
            FailureKind.OVERLOADED,
            FailureKind.EMPTY_RESPONSE,
            FailureKind.INVALID_REQUEST,
            FailureKind.MODEL_NOT_FOUND);

    private static final Set<FailureKind> OF_ITS_KEY = EnumSet.of(
            FailureKind.RATE_LIMITED, FailureKind.QUOTA_EXHAUSTED, FailureKind.AUTHENTICATION, FailureKind.FORBIDDEN);

    /** What is longer is not looked through on the event loop. */
    private static final int SHORT = 1 << 17;

    private final Vertx vertx;
    private final Deadlines deadlines;
    private final HttpClient client;
    private final HttpServerRequest request;
    private final ProxyCaller caller;
    private final RawPath path;
    private final Asked asked;
    private final int refusalStatus;
    private final List<Upstream> upstreams;
    private final Runnable bodyDone;
    private final Runnable done;
    private final Consumer<ProxyProblem> problem;
    private Buffer body;
    private int at;
    private boolean gone;
    private @Nullable CircuitOpenException refusal;
    private @Nullable Forward forward;

    /**
     * A call that has not begun.
     *
     * @param upstreams the one that was asked for, and those that may take its place, in order
     * @param bodyDone runs once the body is needed no more
     * @param done runs once all is over
     * @param problem answers a call that cannot be made
     */
    Call(
            Vertx vertx,
            Deadlines deadlines,
            HttpClient client,
            HttpServerRequest request,
            ProxyCaller caller,
            RawPath path,
            Asked asked,
            int refusalStatus,
            List<Upstream> upstreams,
            Buffer body,
            Runnable bodyDone,
            Runnable done,
            Consumer<ProxyProblem> problem) {
        this.vertx = vertx;
        this.deadlines = deadlines;
        this.client = client;
        this.request = request;
        this.caller = caller;
        this.path = path;
        this.asked = asked;
        this.refusalStatus = refusalStatus;
        this.upstreams = upstreams;
        this.body = body;
        this.bodyDone = bodyDone;
        this.done = done;
        this.problem = problem;
    }

    void start() {
        request.response().closeHandler(closed -> callerGone());
        request.response().exceptionHandler(broken -> callerGone());
        String execution = asked.execution();
        if (execution == null || !asked.kind().namesModel()) {
            next();
        } else if (body.length() <= SHORT) {
            turned(execution, turn(body));
        } else {
            Buffer whole = body;
            vertx.executeBlocking(() -> turn(whole), false).onComplete(read -> turned(execution, read.result()));
        }
    }

    private @Nullable ToolTurn turn(Buffer whole) {
        return LastTurn.read(asked.kind(), whole.getBytes(), Instant.now());
    }

    /** Says what the turn before called, and goes on; where it came to a loop the call is refused. */
    private void turned(String execution, @Nullable ToolTurn turn) {
        if (turn != null) {
            caller.turned(asked.agent(), execution, turn);
        }
        next();
    }

    private void callerGone() {
        if (gone || request.response().ended()) {
            return;
        }
        gone = true;
        if (forward != null) {
            forward.callerGone();
        }
    }

    private void next() {
        Upstream upstream = upstreams.get(at);
        List<String> circuits = asked.circuits(upstream);
        caller.ask(asked.agent(), circuits, asked.parent(), asked.execution()).onComplete(given -> {
            if (given.succeeded()) {
                send(upstream, asked.counted(circuits), given.result());
            } else if (given.cause() instanceof CircuitOpenException refused) {
                refusal = refusal == null ? refused : refusal;
                another(() -> refuse(upstreams.get(0), refused));
            } else {
                fail(given.cause());
            }
        });
    }

    private void send(Upstream upstream, String counted, ProxyPermit given) {
        ProxyPermit permit = (outcome, usage) -> given.settle(asked.attributed(upstream, outcome), usage);
        if (gone) {
            permit.settle(Outcome.cancelled());
            over();
            return;
        }
        String key;
        try {
            key = upstream.key() == null ? null : caller.keyOf(upstream);
        } catch (RuntimeException none) {
            permit.settle(Outcome.cancelled());
            fail(new ProxyProblem(
                    503, "no_upstream_key", "The proxy has no usable key for this upstream; its log says why", 60));
            return;
        }
        forward = new Forward(deadlines, client, request, upstream, asked.kind(), permit, counted, new Forward.Ends() {
            @Override
            public void notConnected() {
                permit.settle(Outcome.failure(FailureKind.CONNECTION));
                request.response().putHeader(HeaderRules.COUNTED, counted);
                another(() -> fail(new ProxyProblem(502, "upstream_failed", "The upstream accepted no connection")));
            }

            @Override
            public void begun() {
                body = Buffer.buffer(0);
                bodyDone.run();
            }

            @Override
            public void over() {
                Call.this.over();
            }
        });
        forward.start(path, key, body);
    }

    /** Nothing has been sent: the next upstream may take the call, if the file names one. */
    private void another(Runnable otherwise) {
        forward = null;
        if (gone) {
            over();
        } else if (at + 1 < upstreams.size()) {
            at++;
            next();
        } else {
            otherwise.run();
        }
    }

    private void refuse(Upstream first, CircuitOpenException last) {
        CircuitOpenException refused = refusal != null ? refusal : last;
        RefusalMessage message = caller.message(asked.agent(), refused, first.alternatives());
        if (asked.kind() == Kind.RPC && asked.rpcId() != null) {
            Refusals.refuseRpc(request.response(), message, asked.rpcId(), asked.subject() != null);
        } else {
            Refusals.refuse(request.response(), message, refusalStatus);
        }
        over();
    }

    private void fail(Throwable why) {
        if (!gone) {
            problem.accept(why instanceof ProxyProblem known ? known : ProxyProblem.mistake());
        }
        over();
    }

    private void over() {
        body = Buffer.buffer(0);
        bodyDone.run();
        done.run();
    }
}
