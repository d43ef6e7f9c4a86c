package dev.interlock.monitor;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The agents that are to be judged, linked by themselves: to be put in by any thread, and fetched by the ticker's. */
final class JudgingQueue {
    /** Last come first, each linked to the one before. */
    private final AtomicReference<@Nullable AgentHealth> last = new AtomicReference<>();

    /** Puts one in that is not in. */
    void push(AgentHealth health) {
        AgentHealth before;
        do {
            before = last.get();
            health.next = before;
        } while (!last.compareAndSet(before, health));
    }

    /** Fetches all, linked first come first. */
    @Nullable
    AgentHealth fetch() {
        AgentHealth first = null;
        for (AgentHealth each = last.getAndSet(null); each != null; ) {
            AgentHealth before = each.next;
            each.next = first;
            first = each;
            each = before;
        }
        return first;
    }
}
