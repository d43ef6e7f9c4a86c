package dev.interlock.monitor.incidents;

import java.util.Set;

/** Who depends on whom in one organization, as far as it was seen, and how they do right now. */
public interface Topology {
    /**
     * What calls of an agent depend on.
     *
     * @param name which agent
     * @return names of circuits; empty for an agent that nobody knows, and for most upstreams
     */
    Set<String> dependencies(String name);

    /**
     * How those do who depend on something.
     *
     * @param name what
     * @return how many there are, and how many of them fail
     */
    Users users(String name);

    /**
     * Those who depend on something. Immutable.
     *
     * @param known how many were ever seen
     * @param active how many of them called lately
     * @param failing how many of the active ones are open, or failed with their last call
     */
    record Users(int known, int active, int failing) {
        private static final int FEW = 3;

        /** {@return whether what they depend on may be why they fail: at least half of them do, or there are few} */
        boolean mayFailTogether() {
            return active < FEW || failing * 2 >= active;
        }

        /** {@return whether what they depend on is likely why they fail} */
        boolean failTogether() {
            return failing >= FEW && failing * 2 >= active;
        }

        double share() {
            return failing / (double) Math.max(1, active);
        }
    }
}
