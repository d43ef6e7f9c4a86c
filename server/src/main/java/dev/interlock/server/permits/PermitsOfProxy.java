package dev.interlock.server.permits;

import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.monitor.budgets.Usage;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.security.Caller;
import dev.interlock.server.status.CallFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Permits for calls that the server makes itself, on behalf of callers elsewhere: the same circuits, chains of calls and
 * trials as over REST. Safe for use by any thread; blocks none.
 *
 * <p>Nobody but the proxy has such a permit. So it is no text that is signed and remembered, but the circuits' own permit;
 * only a call within a permit that was given over REST goes by the desk, which knows what is around it.
 */
public final class PermitsOfProxy {
    private static final int MOST_GUARDS = 10_000;

    /** Who asks for what: mostly the same again. */
    private record Asked(String organization, String agent, List<String> circuits, String source) {}

    private final PermitDesk desk;
    private final PermitWatch watch;
    private final TimeSource time;
    private final CallFigures figures;
    private final LoopRefusals loops;
    private final Map<Asked, Guard> guards = new ConcurrentHashMap<>();

    /**
     * Permits of a desk.
     *
     * @param desk gives those within others
     * @param watch hears who asks for permits, and what calls used
     * @param time the circuits' clocks
     * @param figures count them, and refusals
     * @param loops refuse executions that repeat themselves
     */
    public PermitsOfProxy(
            PermitDesk desk, PermitWatch watch, TimeSource time, CallFigures figures, LoopRefusals loops) {
        this.desk = desk;
        this.watch = watch;
        this.time = time;
        this.figures = figures;
        this.loops = loops;
    }

    /**
     * Asks for permission.
     *
     * @param caller who asks
     * @param agent whose call
     * @param circuits what it depends on
     * @param parent the text of the permit within whose call it is made, or null
     * @param execution the id of the execution that makes the call, or null
     * @return takes how the call ended and what it used, once; fails with a {@link CircuitOpenException}, or with what is wrong
     */
    public CompletionStage<BiConsumer<Outcome, Usage>> ask(
            Caller caller, String agent, List<String> circuits, @Nullable String parent, @Nullable String execution) {
        try {
            if (parent == null) {
                return give(caller.organization(), guard(caller, agent, circuits), execution);
            }
            circuits.forEach(each -> new CircuitId(caller.organization(), each));
            PermitRequest request = new PermitRequest(circuits, null, null, List.of(), execution);
            List<Ancestor> around = desk.around(caller.organization(), parent, caller::mayTouch);
            CompletionStage<Permit> borrowed =
                    desk.borrow(caller.organization(), agent, request, around, caller.sourceFor(agent));
            return borrowed == null
                    ? give(caller, agent, request, around, null)
                    : borrowed.thenCompose(enclosing -> give(caller, agent, request, around, enclosing));
        } catch (PermitRefusedException refused) {
            return CompletableFuture.failedFuture(PermitEndpoints.problem(refused));
        } catch (TooManyCircuitsException full) {
            figures.refusedForWantOfRoom(caller.organization());
            return CompletableFuture.failedFuture(full);
        } catch (RuntimeException wrong) {
            return CompletableFuture.failedFuture(wrong);
        }
    }

    private Guard guard(Caller caller, String agent, List<String> circuits) {
        Asked asked = new Asked(caller.organization(), agent, circuits, caller.sourceFor(agent));
        Guard known = guards.get(asked);
        if (known != null) {
            return known;
        }
        Guard made = desk.circuits()
                .guard(new CircuitId(asked.organization, agent))
                .withCaller(asked.source)
                .dependingOn(circuits.toArray(String[]::new));
        if (guards.size() >= MOST_GUARDS) {
            guards.clear(); // they are made again as they are asked for
        }
        guards.put(new Asked(asked.organization, agent, List.copyOf(circuits), asked.source), made);
        return made;
    }

    /** Gives a permit that is within no other, or refuses. */
    private CompletionStage<BiConsumer<Outcome, Usage>> give(
            String organization, Guard guard, @Nullable String execution) {
        if (execution != null) {
            try {
                loops.check(guard.id(), execution);
            } catch (CircuitOpenException refused) {
                figures.refused(organization, refused);
                return CompletableFuture.failedFuture(refused);
            }
        }
        Instant now = time.wallTime();
        watch.asked(guard.id(), guard.dependencies(), now);
        try {
            Permit permit = guard.acquire();
            figures.granted(organization);
            return CompletableFuture.completedFuture((outcome, usage) -> {
                watch.ended(guard, usage, null);
                permit.settle(outcome);
            });
        } catch (CircuitOpenException refused) {
            watch.refused(guard.id(), refused.id(), now);
            figures.refused(organization, refused);
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** Gives a permit within others, or refuses. */
    private CompletionStage<BiConsumer<Outcome, Usage>> give(
            Caller caller, String agent, PermitRequest request, List<Ancestor> around, @Nullable Permit borrowed) {
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
            figures.granted(caller.organization());
            return !desk.asksOthers()
                    ? CompletableFuture.completedFuture((outcome, usage) -> settle(issued, outcome, usage))
                    : desk.share(issued)
                            .<BiConsumer<Outcome, Usage>>thenApply(
                                    shared -> (outcome, usage) -> settle(shared, outcome, usage))
                            .exceptionallyCompose(settled -> CompletableFuture.failedFuture(known(settled)));
        } catch (CircuitOpenException refused) {
            figures.refused(caller.organization(), refused);
            return !desk.asksOthers()
                    ? CompletableFuture.failedFuture(refused)
                    : desk.share(around, refused).thenCompose(shared -> CompletableFuture.failedFuture(refused));
        } catch (PermitRefusedException refused) {
            return CompletableFuture.failedFuture(PermitEndpoints.problem(refused));
        } catch (TooManyCircuitsException full) {
            figures.refusedForWantOfRoom(caller.organization());
            return CompletableFuture.failedFuture(full);
        } catch (RuntimeException wrong) {
            return CompletableFuture.failedFuture(wrong);
        }
    }

    /** In words that those outside this package know. */
    private static Throwable known(Throwable failed) {
        Throwable cause =
                failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
        return cause instanceof PermitRefusedException refused ? PermitEndpoints.problem(refused) : cause;
    }

    private void settle(PermitDesk.Issued issued, Outcome outcome, Usage usage) {
        PermitToken token = issued.token();
        Duration took = outcome.took();
        Duration wait = outcome.retryAfter();
        Report report = new Report(
                token.agent(),
                issued.permit(),
                outcome.kind(),
                took == null ? -1 : took.toNanos(),
                wait == null ? -1 : wait.toNanos(),
                outcome.attributedTo(),
                null,
                usage);
        try {
            Claim claim = desk.claim(token, report, null);
            if (!desk.asksOthers()) {
                desk.settle(claim, Answer.UNKNOWN);
                return;
            }
            desk.ask(List.of(claim)).thenAccept(answers -> settle(claim, answers[0]));
        } catch (PermitRefusedException lateOrRepeated) {
            // a permit is settled once; of one that has expired nobody waits for the outcome
        }
    }

    private void settle(Claim claim, Answer others) {
        try {
            desk.settle(claim, others);
        } catch (PermitRefusedException repeated) {
            // another server knows of its end
        }
    }
}
