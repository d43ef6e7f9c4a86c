package dev.interlock.replay;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Circuits of a peer. Where a call asks two, its outcome counts in both: peers attribute no failure to one of them. */
final class PeerCircuits implements Circuits {
    private final Peer peer;
    private final By by;
    private final Incidents incidents;
    private final Map<Name, PeerCircuit> circuits = new LinkedHashMap<>();
    private long now;

    PeerCircuits(Peer peer, By by, long start, Incidents incidents) {
        this.peer = peer;
        this.by = by;
        this.incidents = incidents;
        this.now = start;
    }

    @Override
    public void advance(long time) {
        now = Math.max(now, time);
    }

    @Override
    public @Nullable Pass ask(Call call) {
        PeerCircuit agent = by.needsAgent() ? of(call.agent()) : null;
        PeerCircuit target = by.needsTarget() ? of(call.target()) : null;
        PeerCircuit own = agent != null ? agent : target;
        PeerCircuit other = agent == target ? null : target;
        if (own == null) {
            throw new IllegalStateException("A call without agent and target was let in");
        }
        own.tally.called(call);
        if (own == other || other == null) {
            return admits(own, call) ? ended -> own.ended(ended, now) : null;
        }
        other.tally.called(call);
        if (!admits(own, call)) {
            return null;
        }
        if (!admits(other, call)) {
            own.giveBack();
            return null;
        }
        return ended -> {
            own.ended(ended, now);
            other.ended(ended, now);
        };
    }

    @Override
    public Collection<PeerCircuit> all() {
        return circuits.values();
    }

    @Override
    public void close() {
        // They hold nothing.
    }

    private boolean admits(PeerCircuit circuit, Call call) {
        boolean admitted = circuit.admits(now);
        if (!admitted) {
            circuit.tally.rejected(call);
        }
        return admitted;
    }

    private @Nullable PeerCircuit of(@Nullable Name name) {
        return name == null ? null : circuits.computeIfAbsent(name, each -> peer.circuit(each.toString(), incidents));
    }
}
