package dev.interlock.server.agentlog;

import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import dev.interlock.monitor.HealthListener;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.monitor.LogBatch;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.TransitionEntries;
import java.util.List;

/**
 * Logs every transition of circuits and of health in the agent log of its organization, as entries that feed nothing.
 * Safe for use by any thread.
 */
public final class TransitionLog implements CircuitListener, HealthListener {
    private final LogProcessor log;

    /**
     * A log of transitions.
     *
     * @param log takes the entries in
     */
    public TransitionLog(LogProcessor log) {
        this.log = log;
    }

    /** What another process decided is in its own log, with its cause. */
    @Override
    public void onTransition(StateTransition transition) {
        if (transition.cause() == TransitionCause.ADOPTED) {
            return;
        }
        take(transition.id().organization(), TransitionEntries.of(transition));
    }

    @Override
    public void onTransition(HealthTransition transition) {
        take(transition.snapshot().agent().organization(), TransitionEntries.of(transition));
    }

    /** Their gaps are for the circuits' own audit to report. */
    @Override
    public void onMissed(long events) {}

    private void take(String organization, LogEntry entry) {
        log.take(new LogBatch(organization, entry.timestamp(), List.of(Entries.clean(entry, Redactor.standard()))));
    }
}
