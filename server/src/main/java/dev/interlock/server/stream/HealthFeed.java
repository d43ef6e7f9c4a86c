package dev.interlock.server.stream;

import dev.interlock.CircuitId;
import dev.interlock.monitor.HealthListener;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.server.health.HealthJson;

/** Reports to the stream how agents are. */
final class HealthFeed implements HealthListener {
    private final StreamHub hub;

    HealthFeed(StreamHub hub) {
        this.hub = hub;
    }

    @Override
    public void onUpdate(HealthSnapshot snapshot) {
        CircuitId agent = snapshot.agent();
        hub.publish(agent.organization(), "health_update", agent.name(), () -> HealthJson.update(snapshot));
    }

    /** The stream's messages hold none of them. */
    @Override
    public void onFigures(HealthSnapshot snapshot) {}

    @Override
    public void onTransition(HealthTransition transition) {
        CircuitId agent = transition.snapshot().agent();
        hub.publish(agent.organization(), "health_transition", agent.name(), () -> HealthJson.transition(transition));
    }

    @Override
    public void onMissed(long events) {
        hub.resyncAll();
    }
}
