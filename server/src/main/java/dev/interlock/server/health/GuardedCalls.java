package dev.interlock.server.health;

import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.budgets.BudgetMeter;
import dev.interlock.monitor.budgets.Usage;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.permits.PermitWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings who asks, and what calls depend on, to the registry; how calls end the figures of health hear by themselves. */
public final class GuardedCalls implements PermitWatch {
    private final HealthMonitor health;
    private final AgentRegistry agents;
    private final NameGate names;
    private final LogProcessor log;
    private final BudgetMeter budgets;

    /**
     * A watch.
     *
     * @param health whose figures count
     * @param agents who is known
     * @param names lets new names in
     * @param log knows of which permits usage was reported with an entry
     * @param budgets count what calls use
     */
    public GuardedCalls(
            HealthMonitor health, AgentRegistry agents, NameGate names, LogProcessor log, BudgetMeter budgets) {
        this.names = names;
        this.log = log;
        this.budgets = budgets;
        this.health = health;
        this.agents = agents;
    }

    @Override
    public void asked(CircuitId agent, List<CircuitId> dependencies, Instant at) {
        names.admit(agent);
        dependencies.forEach(names::admit);
        agents.sighted(agent, null, at);
        for (CircuitId each : dependencies) {
            agents.sighted(agent, each.name(), at);
            agents.sighted(each, null, at);
        }
    }

    @Override
    public void refused(CircuitId agent, CircuitId circuit, Instant at) {
        health.series().refused(agent, circuit, at);
    }

    /**
     * Calls were refused by somebody else, who says so.
     *
     * @param agent whose calls
     * @param circuit what refused them: a circuit, or what a gate covers
     * @param count how many
     * @param at the wall clock's time
     * @return false, and nothing is counted, if nobody has heard of the circuit
     */
    public boolean refused(CircuitId agent, CircuitId circuit, int count, Instant at) {
        if (agents.find(circuit) == null) {
            return false;
        }
        health.series().refused(agent, circuit, count, at);
        return true;
    }

    @Override
    public void ended(Guard guard, Usage usage, @Nullable String permit) {
        boolean isRepeated = permit != null
                && usage.isKnown()
                && !log.isFirstUsage(guard.id().organization(), permit);
        budgets.count(guard.id(), guard.dependencies(), isRepeated ? Usage.UNKNOWN : usage);
    }

    @Override
    public Settlement record(Guard guard, Outcome outcome, Duration age, Instant at) {
        names.admit(guard.id());
        Settlement settlement = health.record(guard, outcome, age);
        agents.sighted(guard.id(), null, at);
        return settlement;
    }
}
