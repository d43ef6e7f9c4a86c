package dev.interlock.monitor.loops;

import java.util.List;

/**
 * What a model called in one turn, and what came back, as the next request to a model says it. Immutable.
 *
 * @param id the same whenever this turn of an execution is said again, such as by a request that is repeated; another one
 *     for each other turn
 * @param calls those that came back
 */
public record ToolTurn(String id, List<LoopCall> calls) {
    /** Copies the list. */
    public ToolTurn {
        calls = List.copyOf(calls);
    }
}
