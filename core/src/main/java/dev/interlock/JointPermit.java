package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Permits of several circuits around one call, settled together: see {@link Circuits}. */
final class JointPermit extends Permit {
    private static final VarHandle SETTLED;

    static {
        try {
            SETTLED = MethodHandles.lookup().findVarHandle(JointPermit.class, "settled", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Attribution attribution;
    private final List<SinglePermit> permits;
    private final Caller caller;
    private @Nullable Permit parent;

    /** One gate for all: two settlements at a time must not share the circuits between them. */
    private volatile boolean settled;

    JointPermit(Attribution attribution, List<SinglePermit> permits, Caller caller, @Nullable Permit parent) {
        this.attribution = attribution;
        this.permits = permits;
        this.caller = caller;
        this.parent = parent;
    }

    @Override
    public CircuitId id() {
        return attribution.agent();
    }

    @Override
    public Settlement settle(Outcome outcome) {
        // The kind is asked for first: a null outcome shall not use the permit up.
        Circuits.Settled joint = new Circuits.Settled(attribution, outcome);
        if (!claimSettlement()) {
            return Settlement.REPEATED;
        }
        Permit around = parent();
        if (around != null && outcome.isFailed()) {
            permits.forEach(permit -> CallChain.note(around, permit.id(), permit.engine(), InnerCall.FAILED));
        }
        if (outcome.isSuccess()) {
            Circuits.each(permits, permit -> joint.as(permit.id(), permit.settle(outcome, false, null)));
            return joint.answer();
        }
        // Upstreams first: only they can say that a failure is the agent's after all.
        Circuits.each(permits, permit -> {
            if (!joint.isAgent(permit.id())) {
                settle(permit, joint);
            }
        });
        Circuits.each(permits, permit -> {
            if (joint.isAgent(permit.id())) {
                settle(permit, joint);
            }
        });
        return joint.answer();
    }

    private static void settle(SinglePermit permit, Circuits.Settled joint) {
        if (joint.reaches(permit.id())) {
            joint.as(permit.id(), permit.settle(joint.outcome(), joint.isOwn(permit.id()), joint.alone()));
        } else {
            permit.settleIgnored();
        }
    }

    @Override
    public long[] epochs() {
        return permits.stream()
                .flatMapToLong(permit -> LongStream.of(permit.epochs()))
                .toArray();
    }

    @Override
    public boolean isTrial() {
        return permits.stream().anyMatch(Permit::isTrial);
    }

    @Override
    public List<GivenTrial> trials() {
        return permits.stream().flatMap(permit -> permit.trials().stream()).toList();
    }

    @Override
    public boolean isSettled() {
        return settled;
    }

    @Override
    void giveBack() {
        if (claimSettlement()) {
            Circuits.each(permits, Permit::giveBack);
        }
    }

    @Override
    FailureClassifier classifier() {
        return caller.classifier;
    }

    @Override
    @Nullable
    Permit parent() {
        Permit present = parent;
        if (present != null && present.isSettled()) {
            present = present.parent();
            parent = present; // who has ended is not kept alive by those that go on
        }
        return present;
    }

    @Override
    boolean isNoted() {
        return true;
    }

    @Override
    void encloses() {
        for (int i = 0; i < permits.size(); i++) {
            permits.get(i).encloses();
        }
    }

    @Override
    InnerCall.@Nullable Enclosing admittedBy(CircuitId id) {
        for (int i = 0; i < permits.size(); i++) {
            if (permits.get(i).id().equals(id)) {
                return permits.get(i);
            }
        }
        return null;
    }

    private boolean claimSettlement() {
        return !settled && SETTLED.compareAndSet(this, false, true);
    }
}
