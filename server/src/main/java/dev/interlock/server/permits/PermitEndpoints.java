package dev.interlock.server.permits;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Gate;
import dev.interlock.Permit;
import dev.interlock.RefusalMessage;
import dev.interlock.Settlement;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.RefusalFor;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.security.Caller;
import dev.interlock.server.status.CallFigures;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Permits before calls and outcomes after them, over HTTP. Everything is done on the event loop, and nothing blocks it:
 * where servers remember together which permits are settled, the answer to an outcome waits for theirs.
 */
public final class PermitEndpoints implements Endpoints {
    private static final String JSON = "application/json";

    private final PermitDesk desk;
    private final CallFigures figures;
    private final LoopRefusals loops;

    /**
     * Endpoints before a desk.
     *
     * @param desk gives permits and takes outcomes
     * @param figures count permits and refusals
     * @param loops refuse executions that repeat themselves
     */
    public PermitEndpoints(PermitDesk desk, CallFigures figures, LoopRefusals loops) {
        this.loops = loops;
        this.desk = desk;
        this.figures = figures;
    }

    @Override
    public void mount(Operations operations) {
        operations
                .onRaw("takePermit", exchange -> withBody(exchange, this::take))
                .onRaw("reportOutcome", exchange -> withBody(exchange, this::report))
                .onRaw("reportOutcomes", exchange -> new BatchExchange(exchange, desk));
    }

    private interface Step {
        void run(Exchange exchange, byte[] body) throws BadBodyException, PermitRefusedException;
    }

    private void take(Exchange exchange, byte[] body) throws BadBodyException, PermitRefusedException {
        String agent = BodyReader.checkName("agent_id", exchange.path("agent_id"));
        Caller caller = exchange.caller();
        PermitRequest request = BodyReader.request(body);
        mustTouch(caller, agent);
        mustSpeakFor(caller, request.caller());
        mustDependOn(caller, request.dependencies());
        mustDependOn(caller, request.alternatives());
        String parent = request.parent();
        List<Ancestor> around =
                parent == null ? List.of() : desk.around(caller.organization(), parent, caller::mayTouch);
        CompletionStage<Permit> borrowed;
        try {
            borrowed = desk.borrow(caller.organization(), agent, request, around, caller.sourceFor(agent));
        } catch (TooManyCircuitsException full) {
            figures.refusedForWantOfRoom(caller.organization());
            throw full;
        }
        if (borrowed == null) {
            give(exchange, agent, request, around, null);
            return;
        }
        onLoop(borrowed, exchange, enclosing -> {
            try {
                give(exchange, agent, request, around, enclosing);
            } catch (PermitRefusedException refused) {
                exchange.fail(problem(refused));
            } catch (RuntimeException failed) {
                exchange.fail(failed);
            }
        });
    }

    /** Gives a permit, or refuses. */
    private void give(
            Exchange exchange, String agent, PermitRequest request, List<Ancestor> around, @Nullable Permit borrowed)
            throws PermitRefusedException {
        Caller caller = exchange.caller();
        try {
            PermitDesk.Issued issued;
            try {
                String execution = request.execution();
                if (execution != null) {
                    loops.check(new CircuitId(caller.organization(), agent), execution);
                }
                issued = desk.issue(caller.organization(), agent, request, around, caller.sourceFor(agent), borrowed);
            } finally {
                if (borrowed != null) {
                    borrowed.close();
                }
            }
            if (around.isEmpty() || !desk.asksOthers()) {
                answer(exchange, issued);
            } else {
                onLoop(desk.share(issued), exchange, shared -> answer(exchange, shared));
            }
        } catch (TooManyCircuitsException full) {
            figures.refusedForWantOfRoom(caller.organization());
            throw full;
        } catch (CircuitOpenException refused) {
            figures.refused(caller.organization(), refused);
            Problem problem = problem(
                    refused, RefusalFor.message(desk.circuits(), caller, agent, refused, request.alternatives()));
            if (around.isEmpty() || !desk.asksOthers()) {
                throw problem;
            }
            onLoop(desk.share(around, refused), exchange, shared -> exchange.fail(problem));
        }
    }

    private void answer(Exchange exchange, PermitDesk.Issued issued) {
        figures.granted(exchange.caller().organization());
        answer(
                exchange,
                "{\"permit\":\"" + issued.permit() + "\",\"agent_id\":"
                        + quoted(issued.token().agent()) + ",\"expires_at\":\"" + CircuitJson.text(issued.expires())
                        + "\"}");
    }

    /** Goes on here once the other servers have answered. */
    private static <T> void onLoop(CompletionStage<T> stage, Exchange exchange, Consumer<T> then) {
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        stage.whenComplete((value, failed) -> loop.runOnContext(now -> {
            Throwable cause =
                    failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
            if (cause instanceof PermitRefusedException refused) {
                exchange.fail(problem(refused));
            } else if (cause != null) {
                exchange.fail(cause);
            } else {
                then.accept(value);
            }
        }));
    }

    private void report(Exchange exchange, byte[] body) throws BadBodyException, PermitRefusedException {
        String agent = BodyReader.checkName("agent_id", exchange.path("agent_id"));
        Report report = BodyReader.report(body);
        Claim claim = claim(desk, exchange.caller(), agent, report);
        if (claim == null) {
            Caller caller = exchange.caller();
            answer(exchange, agent, desk.record(caller.organization(), agent, report, caller.sourceFor(agent)));
        } else if (desk.asksOthers()) {
            onLoop(desk.ask(List.of(claim)), exchange, answers -> settle(exchange, claim, answers[0]));
        } else {
            answer(exchange, agent, desk.settle(claim, Answer.UNKNOWN));
        }
    }

    private void settle(Exchange exchange, Claim claim, Answer others) {
        try {
            answer(exchange, claim.token().agent(), desk.settle(claim, others));
        } catch (PermitRefusedException refused) {
            exchange.fail(problem(refused));
        } catch (RuntimeException failed) {
            exchange.fail(failed);
        }
    }

    private static void answer(Exchange exchange, String agent, Settlement settlement) {
        answer(
                exchange,
                "{\"status\":\"" + settlement.name().toLowerCase(Locale.ROOT) + "\",\"agent_id\":" + quoted(agent)
                        + "}");
    }

    /** The permit that an outcome came with, claimed, if the caller may settle it; null if it came without one. */
    static @Nullable Claim claim(PermitDesk desk, Caller caller, @Nullable String agent, Report report)
            throws PermitRefusedException {
        String permit = report.permit();
        if (agent != null) {
            mustTouch(caller, agent);
        }
        mustSpeakFor(caller, report.caller());
        if (permit == null) {
            mustBeAttributable(report, Objects.requireNonNull(agent), List.of());
            return null;
        }
        PermitToken token = desk.open(caller.organization(), agent, permit);
        mustTouch(caller, token.agent());
        mustBeAttributable(report, token.agent(), token.dependencies());
        return desk.claim(token, report, caller.sourceFor(token.agent()));
    }

    /** Looked at before the permit is claimed, so that the sender can correct the outcome and send it again. */
    private static void mustBeAttributable(Report report, String agent, List<String> dependencies)
            throws PermitRefusedException {
        String named = report.concerning();
        if (named == null || named.equals(agent) || dependencies.contains(named)) {
            return;
        }
        throw new PermitRefusedException(
                PermitRefusedException.Reason.ATTRIBUTED_ELSEWHERE,
                "concerning = " + BadBodyException.shown(named) + ": is no circuit around this call; "
                        + (report.permit() == null
                                ? "an outcome without a permit is attributed to its agent alone"
                                : "it must be the permit's agent or one of its depends_on"));
    }

    static void mustDependOn(Caller caller, List<String> dependencies) {
        for (String name : dependencies) {
            if (!caller.mayDependOn(name)) {
                throw Problem.forbidden("depends_on: this key may not guard calls that depend on "
                        + BadBodyException.shown(name) + "; it is limited to " + limits(caller));
            }
        }
    }

    static void mustTouch(Caller caller, String agent) {
        if (!caller.mayTouch(agent)) {
            throw Problem.forbidden("This key may not act for the agent " + BadBodyException.shown(agent)
                    + "; it is limited to " + limits(caller));
        }
    }

    static void mustSpeakFor(Caller caller, @Nullable String named) {
        String problem = caller.problemOfSpeakingFor(named);
        if (problem != null) {
            throw Problem.forbidden(problem);
        }
    }

    private static String limits(Caller caller) {
        return BadBodyException.shown(String.valueOf(caller.agents()));
    }

    private static Problem problem(CircuitOpenException refused, RefusalMessage message) {
        Gate gate = refused.gate();
        Problem problem = gate != null
                ? gateClosed(refused.id(), gate, message)
                : new Problem(503, "circuit-open", "Circuit open", message.sentence())
                        .with("agent_id", message.circuit());
        return problem.with("state", CircuitJson.text(refused.state()))
                .with("reason", message.reason())
                .with("retry_after", message.retryAfterSeconds())
                .with("retry_after_ms", CircuitJson.ceilMillis(refused.retryAfter()))
                .with("alternatives", message.alternatives())
                .header("Retry-After", Long.toString(message.retryAfterSeconds()));
    }

    /** Names the gate and its end, and neither who put it nor what a person gave as the reason: a caller is no operator. */
    private static Problem gateClosed(CircuitId id, Gate gate, RefusalMessage message) {
        String until = CircuitJson.text(gate.until());
        Problem problem = new Problem(503, "gate-closed", "Gate closed", message.sentence())
                .with("agent_id", id.name())
                .with("gate", gate.id());
        if (message.why() != null) {
            problem.with("why", message.why());
        }
        return until == null ? problem : problem.with("until", until);
    }

    static Problem problem(PermitRefusedException refused) {
        PermitRefusedException.Reason reason = refused.reason();
        return new Problem(reason.status, reason.type, reason.title, refused.detail());
    }

    private static void answer(Exchange exchange, String json) {
        exchange.answer(200, JSON, Buffer.buffer(json));
    }

    private static String quoted(String text) {
        return "\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
    }

    private static void withBody(Exchange exchange, Step step) {
        exchange.receive(new SmallBody() {
            @Override
            void whole(byte[] body) {
                try {
                    step.run(exchange, body);
                } catch (BadBodyException bad) {
                    exchange.fail(Problem.invalid(bad.detail()));
                } catch (PermitRefusedException refused) {
                    exchange.fail(problem(refused));
                } catch (RuntimeException | StackOverflowError failed) {
                    exchange.fail(failed);
                }
            }
        });
    }
}
