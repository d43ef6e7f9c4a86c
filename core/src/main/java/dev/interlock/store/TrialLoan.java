package dev.interlock.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a call within a trial's call has taken its place over. Immutable.
 *
 * @param answer whether it has, or why not
 * @param given the trial that the inner call is, if it has; else null
 * @param left until the lease of the place ends; zero if it was not taken over
 */
public record TrialLoan(Answer answer, @Nullable GivenTrial given, Duration left) {
    /** Whether a place was taken over. */
    public enum Answer {
        /** It was: the trial around it holds no place any more. */
        GIVEN,
        /** Another call within the same trial has it, or had it. */
        LENT,
        /** The trial around it holds no place: its lease has ended, its round is over, or nobody knows of it. */
        LOST
    }

    /** There is no place to take over. */
    public static final TrialLoan LOST = new TrialLoan(Answer.LOST, null, Duration.ZERO);

    /** Somebody else has taken it over. */
    public static final TrialLoan LENT = new TrialLoan(Answer.LENT, null, Duration.ZERO);
}
