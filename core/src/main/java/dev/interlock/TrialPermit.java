package dev.interlock;

/** A permit of one circuit, for a trial in half-open. */
final class TrialPermit extends SinglePermit {
    private final Lease lease;

    TrialPermit(CircuitBreaker circuit, Phase admitted, FailureClassifier classifier, long started, Lease lease) {
        super(circuit, admitted, classifier, started);
        this.lease = lease;
    }

    @Override
    public boolean isTrial() {
        return true;
    }

    @Override
    Lease lease() {
        return lease;
    }
}
