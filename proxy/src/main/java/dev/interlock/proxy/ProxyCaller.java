package dev.interlock.proxy;

import dev.interlock.CircuitOpenException;
import dev.interlock.RefusalMessage;
import dev.interlock.monitor.loops.ToolTurn;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who calls, as the owner of keys and circuits knows it. Used on one event loop. */
public interface ProxyCaller {
    /** Whose circuits it uses. */
    String organization();

    /** Who it is among the callers of its organization: a key's id. */
    String source();

    /** The one agent that its credential is for; null if it is for several. */
    @Nullable
    String ownAgent();

    /**
     * Whether it may act for an agent.
     *
     * @param agent the agent's name
     * @return false if its credential is limited to others
     */
    boolean mayActFor(String agent);

    /** Whether it would still be let in: reads memory only. */
    boolean isStillKnown();

    /**
     * Asks for permission to make a call. Never throws.
     *
     * @param agent whose call
     * @param circuits what it depends on
     * @param parent the text of the permit within whose call it is made, or null
     * @param execution the id of the execution that makes the call, or null
     * @return a permit; fails with a {@link CircuitOpenException} or a {@link ProxyProblem}
     */
    Future<ProxyPermit> ask(String agent, List<String> circuits, @Nullable String parent, @Nullable String execution);

    /**
     * Hears what an execution called in the turn before, ahead of {@link #ask} for the request that says so. Must not throw
     * or block, and keeps nothing but digests.
     *
     * @param agent whose execution
     * @param execution its id
     * @param turn what its model called, and what came back
     */
    default void turned(String agent, String execution, ToolTurn turn) {
        // by default nobody looks for loops
    }

    /**
     * The key with which its organization's calls go to an upstream. Reads memory only.
     *
     * @param upstream one that has a key
     * @return the key, as its header bears it without {@code Bearer}
     * @throws RuntimeException if there is none that may go there
     */
    String keyOf(Upstream upstream);

    /**
     * What a refusal says to it: nothing that it may not know.
     *
     * @param agent whose call was refused
     * @param refused the refusal
     * @param alternatives circuits that the upstream names; if none, those of the policy of the circuit that refused
     * @return its message
     */
    RefusalMessage message(String agent, CircuitOpenException refused, List<String> alternatives);
}
