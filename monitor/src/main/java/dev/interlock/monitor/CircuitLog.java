package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Logs the transitions of one organization's circuits. They feed nothing, since the circuit knows them already. */
final class CircuitLog implements CircuitListener {
    private final Consumer<LogEntry> log;
    private final String organization;

    CircuitLog(Consumer<LogEntry> log, @Nullable String organization) {
        this.log = log;
        this.organization = organization == null ? CircuitId.DEFAULT_ORGANIZATION : organization;
    }

    @Override
    public void onTransition(StateTransition transition) {
        if (!transition.id().organization().equals(organization)) {
            return;
        }
        log.accept(TransitionEntries.of(transition));
    }
}
