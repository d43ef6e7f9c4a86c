package dev.interlock;

import java.util.List;

/** Permits of several circuits around one call, settled together: a failure reaches the circuit that it concerns. */
final class JointPermit extends Permit {
    private final Attribution attribution;
    private final List<SinglePermit> permits;
    private final FailureClassifier classifier;

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
        CircuitId concerned = attribution.concerned(outcome);
        CircuitId answering = concerned != null ? concerned : attribution.agent();
        Settlement answer = Settlement.IGNORED;
        for (SinglePermit permit : permits) {
            boolean reached = concerned == null || concerned.equals(permit.id());
            Settlement settlement = reached ? permit.settle(outcome) : permit.settleIgnored();
            if (answering.equals(permit.id())) {
                answer = settlement;
            }
        }
        return answer;
    }

    @Override
    public boolean isSettled() {
        return permits.get(0).isSettled();
    }

    @Override
    void giveBack() {
        permits.forEach(Permit::giveBack);
    }

    @Override
    FailureClassifier classifier() {
        return classifier;
    }
}
