package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hears of calls of an agent's guarded tools, with their input and output, and may refuse them. An example is a run of
 * the agent, which logs its calls and refuses them once it is in a loop. Must be safe for use by any thread.
 */
@Alpha
@FunctionalInterface
public interface ToolListener {
    /**
     * A tool is about to be called. What this throws reaches the caller, and nothing is called.
     *
     * @param guard of the call
     * @param tool the tool's name, without the prefix of its circuit
     * @param arguments what it is called with, as JSON or any other text
     * @return hears how it ended
     * @throws CircuitOpenException if the call is refused
     */
    Call begins(Guard guard, String tool, String arguments);

    /** One call of a tool that is under way. */
    @Alpha
    @FunctionalInterface
    interface Call {
        /**
         * It has ended; called once. What this throws goes to the thread's handler of uncaught exceptions.
         *
         * @param outcome how, as the guard's classifier says
         * @param result what came back, or the message of what was thrown; null if there is none
         */
        void ended(Outcome outcome, @Nullable String result);
    }

    /**
     * Makes a call that is reported to this listener; for code that guards tools of another library.
     *
     * @param guard of the call
     * @param tool as for {@link #begins}
     * @param arguments as for {@link #begins}
     * @param guarded makes the call through the guard
     * @param text what a result says
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what it returned
     * @throws X what it threw
     * @throws CircuitOpenException if this, or the guard, refuses
     */
    default <T, X extends Exception> T around(
            Guard guard,
            String tool,
            String arguments,
            Work<? extends T, X> guarded,
            Function<? super T, @Nullable String> text)
            throws X {
        Call call = begins(guard, tool, arguments);
        T result;
        try {
            result = guarded.call();
        } catch (Throwable thrown) {
            Outcome outcome = Classification.ofThrown(guard.classifier(), thrown);
            Reporting.safely(() -> call.ended(outcome, thrown.getMessage()));
            throw thrown;
        }
        Outcome outcome = Classification.ofResult(guard.classifier(), result);
        Reporting.safely(() -> call.ended(outcome, text.apply(result)));
        return result;
    }
}
