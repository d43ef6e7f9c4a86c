package dev.interlock.monitor.loops;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Gate;
import dev.interlock.TimeSource;
import java.time.Duration;
import java.util.Optional;

/**
 * Refuses further calls of executions that are in a loop. Circuits do not change, and other executions of the agent go on.
 * Safe for use by any thread.
 */
public final class LoopRefusals {
    /** The author of the gate that a refusal names. */
    public static final String AUTHOR = "loop";

    private final LoopDetector detector;
    private final CircuitBreakerManager circuits;
    private final TimeSource time;

    /**
     * Refusals by what a detector found.
     *
     * @param detector says which executions are in a loop
     * @param circuits say what state a refused agent's circuit has
     * @param time the time source of the circuits
     */
    public LoopRefusals(LoopDetector detector, CircuitBreakerManager circuits, TimeSource time) {
        this.detector = detector;
        this.circuits = circuits;
        this.time = time;
    }

    /**
     * Lets a call pass, unless its execution is in a loop.
     *
     * @param agent whose call
     * @param execution the id of its execution
     * @throws CircuitOpenException with a {@linkplain CircuitOpenException#gate() gate} of the author {@value #AUTHOR}
     */
    public void check(CircuitId agent, String execution) {
        Loop loop = detector.find(agent.organization(), agent.name(), execution);
        if (loop == null) {
            return;
        }
        Gate gate = Gate.ofOrganization(agent.organization(), AUTHOR)
                .named(AUTHOR + ':' + Digests.of(agent.name() + '\n' + execution))
                .because("A loop: the same call came to the same end " + loop.repeats() + " times")
                .until(loop.until());
        Duration left = Duration.between(time.wallTime(), loop.until());
        throw CircuitOpenException.behind(
                agent, circuits.snapshot(agent).state(), gate, left.isNegative() ? Duration.ofMillis(1) : left);
    }

    /**
     * How long further calls of an execution are refused.
     *
     * @param agent whose calls
     * @param execution the id of its execution
     * @return the time left; empty if it is in no loop
     */
    public Optional<Duration> left(CircuitId agent, String execution) {
        Loop loop = detector.find(agent.organization(), agent.name(), execution);
        return Optional.ofNullable(loop)
                .map(found -> Duration.between(time.wallTime(), found.until()))
                .filter(left -> !left.isNegative());
    }
}
