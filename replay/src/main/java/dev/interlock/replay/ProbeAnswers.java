package dev.interlock.replay;

/** What answers for probes on a virtual clock, where nothing can be called. */
@FunctionalInterface
public interface ProbeAnswers {
    /**
     * Whether a probe is good. Called in the order of time for each policy, for several policies in turn.
     *
     * @param circuit the name of the agent or target that is probed
     * @param time when, in nanoseconds since 1970
     * @param before how many probes that circuit has made at this very time already
     * @return true if it is good
     */
    boolean isGood(String circuit, long time, int before);
}
