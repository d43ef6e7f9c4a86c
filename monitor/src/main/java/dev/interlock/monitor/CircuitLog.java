package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import org.jspecify.annotations.Nullable;

/** Logs the transitions of one organization's circuits. They feed nothing, since the circuit knows them already. */
final class CircuitLog implements CircuitListener {
    private final AgentLogger logger;
    private final String organization;

    CircuitLog(AgentLogger logger, @Nullable String organization) {
        this.logger = logger;
        this.organization = organization == null ? CircuitId.DEFAULT_ORGANIZATION : organization;
    }

    @Override
    public void onTransition(StateTransition transition) {
        if (!transition.id().organization().equals(organization)) {
            return;
        }
        logger.log(TransitionEntries.of(transition));
    }
}
