package dev.interlock;

/** A permit of one circuit, for a trial in half-open. */
final class TrialPermit extends SinglePermit {
    private final Place place;

    TrialPermit(CircuitBreaker circuit, Epoch admitted, FailureClassifier classifier, long started, Place place) {
        super(circuit, admitted, classifier, started);
        this.place = place;
    }

    @Override
    public boolean isTrial() {
        return true;
    }

    @Override
    Place place() {
        return place;
    }
}
