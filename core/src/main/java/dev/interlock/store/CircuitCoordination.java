package dev.interlock.store;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Where processes that share circuits count and try them together; a {@link CircuitStore} may have one.
 *
 * <p>Every method may be called by any thread and returns at once. A stage fails, in bounded time, when the others cannot
 * be asked; the caller cannot know then whether they were. Durations go by one clock for all processes.
 */
public interface CircuitCoordination {
    /**
     * Whether this process can use what the others say. Cheap.
     *
     * @return false while they cannot be asked, or answer too slowly: then each process uses its own figures
     */
    boolean isAttached();

    /**
     * Adds what was counted here to what all have counted, and judges the sum.
     *
     * @param tally what was counted since the last one
     * @return what follows from all figures
     */
    CompletionStage<TallyAnswer> tally(CircuitTally tally);

    /**
     * Asks for one trial of a circuit that is open, at the end of its cooldown or shortly before, or half-open. A trial
     * that is not {@linkplain #renewTrial renewed} is lost after a few seconds.
     *
     * @param ask which circuit, and how many may try it
     * @return whether this process may
     */
    CompletionStage<TrialAnswer> askForTrial(TrialAsk ask);

    /**
     * Keeps a trial that is running, or that waits for a call. To be called every second.
     *
     * @param trial as it was given
     * @return whether it is still this process', and whether others wait for its place
     */
    CompletionStage<TrialHold> renewTrial(GivenTrial trial);

    /**
     * Gives a trial's place back, and counts how it ended.
     *
     * @param trial as it was given
     * @param end how it ended
     * @return true if enough trials have succeeded by now, in all processes together
     */
    CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end);

    /**
     * Asks whether this process is the one that probes a circuit.
     *
     * @param ask which circuit, what for, and for how long
     * @return who probes it; by default each process does
     */
    default CompletionStage<ProbeLease> askToProbe(ProbeAsk ask) {
        return CompletableFuture.completedFuture(ProbeLease.GIVEN);
    }

    /**
     * Asks for the place of a trial for a call that is made within its call. The place gets another name, so that an end of
     * the trial around it, at any process, frees nothing; it is to be renewed and ended as one that {@link #askForTrial} gave.
     *
     * @param around the trial around it, whichever process was given it
     * @param name what the place is called from now on
     * @param left until the lease of the place ends, as far as this process knows
     * @return whether it was taken over; by default nobody lends a place to another process
     */
    default CompletionStage<TrialLoan> borrowTrial(GivenTrial around, String name, Duration left) {
        return CompletableFuture.completedFuture(TrialLoan.LOST);
    }

    /**
     * Gives a place back to the trial that it was taken over from, since no call was made; or to all, if that has ended.
     *
     * @param borrowed the trial that the inner call would have been
     * @param around the trial around it
     * @return completes once it is done
     */
    default CompletionStage<Boolean> returnTrial(GivenTrial borrowed, GivenTrial around) {
        return endTrial(borrowed, TrialEnd.of(false, 1));
    }

    /**
     * As {@link #endTrial} does, for a trial that another process was given: when that one next renews it, it hears
     * {@link TrialHold#ENDED}.
     *
     * @param trial as it was given there
     * @param end how it ended
     * @return true if enough trials have succeeded by now, in all processes together
     */
    default CompletionStage<Boolean> endTrialOfAnother(GivenTrial trial, TrialEnd end) {
        return endTrial(trial, end);
    }
}
