package dev.interlock.server.status;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.security.Caller;
import dev.interlock.server.workers.Workers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * {@code /metrics}: the caller's own circuits, agents and figures, and for the installation's own organization those of the
 * process, which name nobody. Safe for use by any
 * thread.
 */
public final class Metrics implements Endpoints {
    private static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Workers workers;
    private final CircuitBreakerManager circuits;
    private final AgentRegistry agents;
    private final HealthMonitor health;
    private final CallFigures calls = new CallFigures();
    private final ProcessFigures process;
    private final PrometheusMeterRegistry meters;
    private final List<OwnFigure> own = new CopyOnWriteArrayList<>();

    /**
     * Begins to count.
     *
     * @param workers write the figures
     * @param circuits all circuits
     * @param agents who is known
     * @param health how agents are
     * @param process figures of the process; closed with these
     */
    public Metrics(
            Workers workers,
            CircuitBreakerManager circuits,
            AgentRegistry agents,
            HealthMonitor health,
            ProcessFigures process) {
        this.workers = workers;
        this.circuits = circuits;
        this.agents = agents;
        this.health = health;
        this.process = process;
        this.meters = process.registry();
        Gauge.builder("interlock.circuits", circuits, CircuitBreakerManager::size)
                .description("Circuits of all organizations")
                .register(meters);
        Gauge.builder("interlock.detached", circuits, all -> all.isDetached() ? 1 : 0)
                .description("1 if shared circuits go by this server's own figures, since Redis is away or slow")
                .register(meters);
        Gauge.builder("interlock.store.backlog", circuits, CircuitBreakerManager::storeBacklog)
                .description("Circuits whose newest state is not in the database yet")
                .register(meters);
        Gauge.builder("interlock.store.available", circuits, all -> all.isStoreAvailable() ? 1 : 0)
                .description("1 if the database took what was last brought to it")
                .register(meters);
        FunctionCounter.builder("interlock.events.missed", circuits, CircuitBreakerManager::missedEvents)
                .description("Events that listeners did not hear, because they were too slow")
                .register(meters);
        FunctionCounter.builder("interlock.health.unjudged", health, HealthMonitor::notJudged)
                .description("Outcomes that no figures counted, since there were as many agents as there may be")
                .register(meters);
        for (Promise promise : Promise.values()) {
            FunctionCounter.builder("interlock.broken.promises", promise, BrokenPromises::count)
                    .description(
                            "How often a promise was broken that is watched while the server runs; each is a defect")
                    .tag("promise", promise.wireName())
                    .register(meters);
        }
        circuits.addListener(calls);
        circuits.settlements().add(calls);
    }

    /** Counts what calls do. */
    public CallFigures calls() {
        return calls;
    }

    /** Where other parts keep their figures; none may bear a name of an organization or an agent. */
    public MeterRegistry registry() {
        return meters;
    }

    /**
     * Adds a figure of each organization, which its own callers see.
     *
     * @param figure the figure
     */
    public void addOwn(OwnFigure figure) {
        own.add(figure);
    }

    @Override
    public void mount(Operations operations) {
        operations.on("getMetrics", this::answer);
    }

    @Override
    public void closing() {
        process.close();
    }

    private void answer(Exchange exchange) {
        Caller caller = exchange.caller();
        workers.run(caller.organization(), () -> Buffer.buffer(figures(caller)))
                .onSuccess(text -> exchange.answer(200, MEDIA_TYPE, text))
                .onFailure(exchange::fail);
    }

    /** Totals say what other organizations do, so only the installation's own organization sees them. */
    private String figures(Caller caller) {
        String organization = caller.organization();
        boolean operator = caller.installationAdmin() || organization.equals(CircuitId.DEFAULT_ORGANIZATION);
        MetricText text = new MetricText();
        if (operator) {
            ThreadsText.write(text);
        }
        OwnCircuits.write(text, circuits, agents, organization);
        OwnAgents.write(text, health, organization);
        calls.write(text, organization);
        own.forEach(each -> each.write(text, organization));
        return operator ? meters.scrape() + text : text.toString();
    }
}
