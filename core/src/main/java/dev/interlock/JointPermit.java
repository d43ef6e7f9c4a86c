package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/** Permits of several circuits around one call, settled together: see {@link Circuits}. */
final class JointPermit extends Permit {
    private final Attribution attribution;
    private final List<SinglePermit> permits;
    private final FailureClassifier classifier;

    /** One gate for all: two settlements at a time must not share the circuits between them. */
    private final AtomicBoolean settled = new AtomicBoolean();

    JointPermit(Attribution attribution, List<SinglePermit> permits, FailureClassifier classifier) {
        this.attribution = attribution;
        this.permits = permits;
        this.classifier = classifier;
    }

    @Override
    public CircuitId id() {
        return attribution.agent();
    }

    @Override
    public Settlement settle(Outcome outcome) {
        // The kind is asked for first: a null outcome shall not use the permit up.
        Circuits.Settled joint = new Circuits.Settled(attribution, outcome);
        if (!settled.compareAndSet(false, true)) {
            return Settlement.REPEATED;
        }
        Circuits.each(permits, permit -> {
            if (joint.reaches(permit.id())) {
                joint.as(permit.id(), permit.settle(outcome));
            } else {
                permit.settleIgnored();
            }
        });
        return joint.answer();
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
        return settled.get();
    }

    @Override
    void giveBack() {
        if (settled.compareAndSet(false, true)) {
            Circuits.each(permits, Permit::giveBack);
        }
    }

    @Override
    FailureClassifier classifier() {
        return classifier;
    }
}
