package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What decides in a replay: settings of our circuits, or a peer. Immutable. */
public final class Policy {
    private final @Nullable CircuitBreakerConfig config;
    private final @Nullable Peer peer;

    private Policy(@Nullable CircuitBreakerConfig config, @Nullable Peer peer) {
        this.config = config;
        this.peer = peer;
    }

    /**
     * Our circuits.
     *
     * @param config their settings
     * @return the policy
     */
    public static Policy of(CircuitBreakerConfig config) {
        return new Policy(config, null);
    }

    static Policy of(Peer peer) {
        return new Policy(null, peer);
    }

    /** This policy with a rule for slow calls from that long on, at a rate of one half; null for a peer, which has its own. */
    @Nullable
    Policy withSlowRule(Duration slow) {
        return config == null
                ? null
                : of(config.toBuilder()
                        .slowCallDuration(slow)
                        .slowCallRateThreshold(SlowRule.RATE)
                        .build());
    }

    /** Whether it asks for probes. */
    boolean isProbed() {
        return config != null && config.probe() != null;
    }

    /** Circuits with this policy, which have heard of no call; without answers nothing is probed. */
    Circuits circuits(By by, long start, Incidents incidents, @Nullable ProbeAnswers answers) {
        return peer != null
                ? new PeerCircuits(peer, by, start, incidents)
                : new RealCircuits(Objects.requireNonNull(config), by, start, incidents, answers);
    }
}
