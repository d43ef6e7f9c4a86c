package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
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

    /** Never written into. */
    private final SinglePermit[] permits;

    private final Caller caller;
    private @Nullable Permit parent;

    /** One gate for all: two settlements at a time must not share the circuits between them. */
    private volatile boolean settled;

    JointPermit(Attribution attribution, SinglePermit[] permits, Caller caller, @Nullable Permit parent) {
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
        if (outcome.isSuccess()) {
            return claimSettlement() ? succeed(outcome) : Settlement.REPEATED;
        }
        Circuits.Settled joint = new Circuits.Settled(attribution, outcome);
        List<SinglePermit> all = Arrays.asList(permits);
        if (!claimSettlement()) {
            return Settlement.REPEATED;
        }
        Permit around = parent();
        if (around != null && outcome.isFailed()) {
            for (SinglePermit permit : permits) {
                CallChain.note(around, permit.id(), permit.engine(), InnerCall.FAILED);
            }
        }
        // Upstreams first: only they can say that a failure is the agent's after all.
        Circuits.each(all, permit -> {
            if (!joint.isAgent(permit.id())) {
                settle(permit, joint);
            }
        });
        Circuits.each(all, permit -> {
            if (joint.isAgent(permit.id())) {
                settle(permit, joint);
            }
        });
        return joint.answer();
    }

    /** A success reaches all, and the guard's own circuit answers; no object is made for it. */
    private Settlement succeed(Outcome outcome) {
        Settlement answer = Settlement.IGNORED;
        Throwable first = null;
        for (SinglePermit permit : permits) {
            try {
                Settlement settlement = permit.settle(outcome, false, null);
                answer = permit.id().equals(attribution.agent()) ? settlement : answer;
            } catch (RuntimeException | Error thrown) {
                first = Circuits.graver(first, thrown);
            }
        }
        Circuits.throwIfAny(first);
        return answer;
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
        return Arrays.stream(permits)
                .flatMapToLong(permit -> LongStream.of(permit.epochs()))
                .toArray();
    }

    @Override
    public boolean isTrial() {
        return Arrays.stream(permits).anyMatch(Permit::isTrial);
    }

    @Override
    public List<GivenTrial> trials() {
        return Arrays.stream(permits)
                .flatMap(permit -> permit.trials().stream())
                .toList();
    }

    @Override
    public boolean isSettled() {
        return settled;
    }

    @Override
    void giveBack() {
        if (claimSettlement()) {
            Circuits.giveBack(permits, permits.length);
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
        for (SinglePermit permit : permits) {
            permit.encloses();
        }
    }

    @Override
    InnerCall.@Nullable Enclosing admittedBy(CircuitId id) {
        for (SinglePermit permit : permits) {
            if (permit.id().equals(id)) {
                return permit;
            }
        }
        return null;
    }

    private boolean claimSettlement() {
        return !settled && SETTLED.compareAndSet(this, false, true);
    }
}
