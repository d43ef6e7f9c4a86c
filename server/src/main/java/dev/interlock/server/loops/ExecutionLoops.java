package dev.interlock.server.loops;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.TimeSource;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.loops.Loop;
import dev.interlock.monitor.loops.LoopDetector;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.monitor.loops.LoopSettings;
import dev.interlock.monitor.loops.ToolTurn;
import org.jspecify.annotations.Nullable;

/**
 * Executions that repeat themselves: found in the agent log, in traces and in what goes through the proxy; reported, and
 * refused if that is wanted. Safe for use by any thread.
 */
public final class ExecutionLoops {
    private final @Nullable LoopDetector looking;
    private final LoopNews news;
    private final LoopRefusals refusals;

    /**
     * Looks for loops from now on.
     *
     * @param settings what is a loop
     * @param looks whether anybody looks for them
     * @param refuses whether further calls are refused
     * @param news says of them
     * @param log its entries are looked at
     * @param circuits say what state a refused agent's circuit has
     * @param time their clocks
     */
    public ExecutionLoops(
            LoopSettings settings,
            boolean looks,
            boolean refuses,
            LoopNews news,
            LogProcessor log,
            CircuitBreakerManager circuits,
            TimeSource time) {
        LoopDetector detector = new LoopDetector(settings, time);
        LoopDetector refusing = refuses ? detector : new LoopDetector(settings, time);
        this.looking = looks ? detector : null;
        this.news = news;
        this.refusals = new LoopRefusals(refusing, circuits, time);
        if (looks) {
            log.findLoopsBy(detector, refuses, news);
        }
    }

    /** {@return what refuses further calls} */
    public LoopRefusals refusals() {
        return refusals;
    }

    /**
     * Takes note of what an execution called through the proxy.
     *
     * @param organization whose
     * @param agent whose execution
     * @param execution its id
     * @param turn what its model called, and what came back
     */
    public void turned(String organization, String agent, String execution, ToolTurn turn) {
        Loop loop = looking == null ? null : looking.turned(organization, agent, execution, turn);
        if (loop != null) {
            news.accept(loop);
        }
    }
}
