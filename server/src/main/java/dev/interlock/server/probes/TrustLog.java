package dev.interlock.server.probes;

import dev.interlock.CircuitListener;
import dev.interlock.ProbeTrust;
import dev.interlock.StateTransition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the server's log that a circuit's probes have earned trust, or have lost it. Safe for use by any thread. */
public final class TrustLog implements CircuitListener {
    private static final Logger LOG = LoggerFactory.getLogger(TrustLog.class);

    @Override
    public void onTransition(StateTransition transition) {}

    @Override
    public void onProbeTrust(ProbeTrust change) {
        (change.trusted() ? LOG.atInfo() : LOG.atWarn())
                .addKeyValue("organization", change.id().organization())
                .addKeyValue("agent", change.id().name())
                .addKeyValue("why", change.why().words())
                .log(change.trusted() ? "Probes are trusted" : "Probes are not trusted any more");
    }
}
