package dev.interlock;

/** A cheap synthetic call that shows whether something may be healthy again, such as a model's list of models. */
@FunctionalInterface
public interface Probe {
    /**
     * Makes the call. Runs on the manager's executor; what it throws is a failed probe. A probe that takes longer than
     * {@link ProbeSettings#interval()} has failed, whatever it answers later, and its thread is interrupted. Its
     * circuit is probed again once it has ended.
     *
     * @param id the open circuit
     * @return true if the answer was good
     * @throws Exception if the call failed
     */
    boolean probe(CircuitId id) throws Exception;
}
