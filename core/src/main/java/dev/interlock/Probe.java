package dev.interlock;

/** A cheap synthetic call that tells whether something may be well again, such as a model's list of models. */
@FunctionalInterface
public interface Probe {
    /**
     * Makes the call. Runs on the manager's executor; what it throws is a failed probe, and one that takes longer than
     * {@link ProbeSettings#interval()} has failed, whatever it answers later.
     *
     * @param id the open circuit
     * @return true if the answer was good
     * @throws Exception if the call failed
     */
    boolean probe(CircuitId id) throws Exception;
}
