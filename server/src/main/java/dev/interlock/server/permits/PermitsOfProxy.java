package dev.interlock.server.permits;

import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.monitor.budgets.Usage;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.security.Caller;
import dev.interlock.server.status.CallFigures;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Permits for calls that the server makes itself, on behalf of callers elsewhere: the same desk, and so the same chains of
 * calls and the same trials as over REST. Safe for use by any thread; blocks none.
 */
public final class PermitsOfProxy {
    private final PermitDesk desk;
    private final CallFigures figures;
    private final LoopRefusals loops;

    /**
     * Permits of a desk.
     *
     * @param desk gives them
     * @param figures count them, and refusals
     * @param loops refuse executions that repeat themselves
     */
    public PermitsOfProxy(PermitDesk desk, CallFigures figures, LoopRefusals loops) {
        this.desk = desk;
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
            circuits.forEach(each -> new CircuitId(caller.organization(), each));
            PermitRequest request = new PermitRequest(circuits, null, null, List.of(), execution);
            List<Ancestor> around =
                    parent == null ? List.of() : desk.around(caller.organization(), parent, caller::mayTouch);
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

    /** Gives a permit, or refuses. */
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
            return around.isEmpty() || !desk.asksOthers()
                    ? CompletableFuture.completedFuture((outcome, usage) -> settle(issued, outcome, usage))
                    : desk.share(issued)
                            .<BiConsumer<Outcome, Usage>>thenApply(
                                    shared -> (outcome, usage) -> settle(shared, outcome, usage))
                            .exceptionallyCompose(settled -> CompletableFuture.failedFuture(known(settled)));
        } catch (CircuitOpenException refused) {
            figures.refused(caller.organization(), refused);
            return around.isEmpty() || !desk.asksOthers()
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
