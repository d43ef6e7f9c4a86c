package dev.interlock;

import dev.interlock.store.GivenTrial;
import dev.interlock.threads.Reporting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The permit of a guard whose calls somebody counts: reports its call when it is settled, once, unless one within it was
 * reported that is the same call. Safe for use by any thread.
 */
final class CountedPermit extends Permit {
    private final Permit permit;
    private final CallListener listener;
    private final Attribution attribution;

    /** The innermost call around this one when it began. */
    private final @Nullable Permit around;

    /** Whether a call within this one was, which is the same. */
    private volatile boolean isReported;

    CountedPermit(Permit permit, CallListener listener, Attribution attribution) {
        this.permit = permit;
        this.listener = listener;
        this.attribution = attribution;
        this.around = CallChain.innermost();
    }

    /**
     * A call is reported to somebody: those around it that are the same call are not. Not the same are the call of another
     * agent, and of a tool that asks a model.
     *
     * @param around the innermost permit around the call
     * @param listener who hears of it
     * @param agent whose call it is
     * @param dependencies what it depends on
     */
    static void reported(@Nullable Permit around, Object listener, CircuitId agent, List<CircuitId> dependencies) {
        Permit each = around;
        while (each != null) {
            if (each instanceof CountedPermit counted) {
                Attribution own = counted.attribution;
                if (counted.listener == listener
                        && own.agent().equals(agent)
                        && (!isOfTool(own.dependencies()) || isOfTool(dependencies))) {
                    counted.isReported = true;
                }
                each = counted.around;
            } else {
                each = each.parent();
            }
        }
    }

    private static boolean isOfTool(List<CircuitId> dependencies) {
        for (int i = 0; i < dependencies.size(); i++) { // without an iterator: the call may be a good one
            String name = dependencies.get(i).name();
            if (name.startsWith("tool:") || name.startsWith("mcp:")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public CircuitId id() {
        return permit.id();
    }

    @Override
    public Settlement settle(Outcome outcome) {
        Settlement settlement = permit.settle(outcome);
        if (settlement != Settlement.REPEATED && !isReported && outcome.kind() != FailureKind.DOWNSTREAM_OPEN) {
            report(outcome);
        }
        return settlement;
    }

    private void report(Outcome outcome) {
        CircuitId agent = attribution.agent();
        reported(around, listener, agent, attribution.dependencies());
        try {
            listener.called(agent, attribution.dependencies(), outcome);
        } catch (Throwable broken) {
            Reporting.report(broken); // the call has been settled, and is not to blame
        }
    }

    @Override
    public boolean isSettled() {
        return permit.isSettled();
    }

    @Override
    public long[] epochs() {
        return permit.epochs();
    }

    @Override
    public boolean isTrial() {
        return permit.isTrial();
    }

    @Override
    public List<GivenTrial> trials() {
        return permit.trials();
    }

    @Override
    void giveBack() {
        permit.giveBack();
    }

    @Override
    FailureClassifier classifier() {
        return permit.classifier();
    }

    @Override
    @Nullable
    Permit parent() {
        return permit.parent();
    }

    @Override
    boolean isNoted() {
        return permit.isNoted();
    }

    @Override
    void encloses() {
        permit.encloses();
    }

    @Override
    InnerCall.@Nullable Enclosing admittedBy(CircuitId id) {
        return permit.admittedBy(id);
    }

    @Override
    public String toString() {
        return permit.toString();
    }
}
