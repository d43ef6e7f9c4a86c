package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

    private static final int IN_FIELDS = 3;

    private final Attribution attribution;

    // Most calls have two or three circuits: no array is made for them. Not written any more once the permit is given.
    private @Nullable SinglePermit first;
    private @Nullable SinglePermit second;
    private @Nullable SinglePermit third;
    private final @Nullable SinglePermit @Nullable [] further;

    private @Nullable Permit parent;

    /** One gate for all: two settlements at a time must not share the circuits between them. */
    private volatile boolean settled;

    /** @param circuits how many there are; {@link #take} is given the permit of each, and then {@link #admitted} says so */
    JointPermit(Attribution attribution, int circuits, @Nullable Permit parent) {
        this.attribution = attribution;
        this.further = circuits > IN_FIELDS ? new @Nullable SinglePermit[circuits - IN_FIELDS] : null;
        this.parent = parent;
    }

    /** Takes the permit of a circuit, each at its place: 0 is the first. */
    void take(int place, SinglePermit permit) {
        switch (place) {
            case 0 -> first = permit;
            case 1 -> second = permit;
            case 2 -> third = permit;
            default -> Objects.requireNonNull(further)[place - IN_FIELDS] = permit;
        }
    }

    /** All are there. Those around hear of it, and other threads see them, however they are given this permit. */
    void admitted() {
        Permit around = parent;
        if (around != null) {
            int place = 0;
            for (SinglePermit permit = first; permit != null; permit = at(++place)) {
                CallChain.note(around, permit.id(), permit.engine(), InnerCall.ADMITTED);
            }
        }
        VarHandle.storeStoreFence();
    }

    /** That of a circuit, in their order; null for the first place that has none. */
    private @Nullable SinglePermit at(int place) {
        return switch (place) {
            case 0 -> first;
            case 1 -> second;
            case 2 -> third;
            default -> further == null || place - IN_FIELDS >= further.length ? null : further[place - IN_FIELDS];
        };
    }

    private List<SinglePermit> all() {
        List<SinglePermit> all = new ArrayList<>(IN_FIELDS);
        int place = 0;
        for (SinglePermit permit = first; permit != null; permit = at(++place)) {
            all.add(permit);
        }
        return all;
    }

    @Override
    public CircuitId id() {
        return attribution.agent();
    }

    @Override
    public Settlement settle(Outcome outcome) {
        // The kind is asked for first: a null outcome must not use the permit up.
        if (outcome.isSuccess()) {
            return claimSettlement() ? succeed(outcome) : Settlement.REPEATED;
        }
        Circuits.Settled joint = new Circuits.Settled(attribution, outcome);
        List<SinglePermit> all = all();
        if (!claimSettlement()) {
            return Settlement.REPEATED;
        }
        Permit around = parent();
        if (around != null && outcome.isFailed()) {
            for (SinglePermit permit : all) {
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
        Throwable thrown = null;
        int place = 0;
        for (SinglePermit permit = first; permit != null; permit = at(++place)) {
            try {
                Settlement settlement = permit.settle(outcome, false, null);
                answer = permit.id().equals(attribution.agent()) ? settlement : answer;
            } catch (RuntimeException | Error next) {
                thrown = Circuits.graver(thrown, next);
            }
        }
        Circuits.throwIfAny(thrown);
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
        return all().stream()
                .flatMapToLong(permit -> LongStream.of(permit.epochs()))
                .toArray();
    }

    @Override
    public boolean isTrial() {
        return all().stream().anyMatch(Permit::isTrial);
    }

    @Override
    public List<GivenTrial> trials() {
        return all().stream().flatMap(permit -> permit.trials().stream()).toList();
    }

    @Override
    public boolean isSettled() {
        return settled;
    }

    @Override
    void giveBack() {
        if (claimSettlement()) {
            giveAllBack();
        }
    }

    /** Those that there are, whatever is thrown; without memory, which may have run out. */
    private void giveAllBack() {
        Throwable thrown = null;
        int place = 0;
        for (SinglePermit permit = first; permit != null; permit = at(++place)) {
            try {
                permit.giveBack();
            } catch (RuntimeException | Error next) {
                thrown = Circuits.graver(thrown, next);
            }
        }
        Circuits.throwIfAny(thrown);
    }

    @Override
    FailureClassifier classifier() {
        return Objects.requireNonNull(first).classifier();
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
        int place = 0;
        for (SinglePermit permit = first; permit != null; permit = at(++place)) {
            permit.encloses();
        }
    }

    @Override
    InnerCall.@Nullable Enclosing admittedBy(CircuitId id) {
        int place = 0;
        for (SinglePermit permit = first; permit != null; permit = at(++place)) {
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
