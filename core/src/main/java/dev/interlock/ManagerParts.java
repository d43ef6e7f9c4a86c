package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.GateStore;
import dev.interlock.store.ProbeStore;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Makes the parts of a manager, and gives each the others that it needs. */
final class ManagerParts implements AutoCloseable {
    private static final Duration AT_CLOSE = Duration.ofSeconds(4);

    final Engine engine;
    final Registry registry;
    final PolicyTable policies;
    final Publisher publisher;
    final @Nullable StoreWriter writer;
    final @Nullable Fleet fleet;
    final Gates gates;
    final @Nullable GateWriter gateWriter;
    final @Nullable TrustWriter trustWriter;
    final long generation;
    private final @Nullable OwnExecutors ownExecutors;
    private final StoredCircuits stored;
    private final FleetCircuits own;

    ManagerParts(ManagerSettings settings) {
        CircuitStore store = settings.store;
        generation = store == null ? settings.generation : store.nextGeneration();
        ownExecutors = settings.executor == null ? OwnExecutors.start() : null;
        Executor events = ownExecutors != null ? ownExecutors.events() : Objects.requireNonNull(settings.executor);
        Probes probes = ownExecutors == null
                ? new Probes(settings.probes, events, hung -> {})
                : new Probes(settings.probes, ownExecutors.probes(), ownExecutors::replaceHung);
        engine = new Engine(settings.time, settings.random, settings.classifier, events, probes, generation);
        publisher = new Publisher(events, settings.listenerCapacity);
        settings.listeners.forEach(publisher::add);
        CircuitCoordination coordination = store == null ? null : store.coordination();
        own = new FleetCircuits(this::find);
        fleet = coordination == null ? null : new Fleet(coordination, own, generation, engine.time::ticks);
        policies = new PolicyTable(engine, fleet, settings.defaults);
        settings.policies.forEach((pattern, config) -> policies.put(null, pattern, config));
        registry = new Registry(engine, policies, settings.maxCircuitsPerOrganization, settings.evictAfter);
        stored = new StoredCircuits(registry, fleet);
        writer = store == null ? null : new StoreWriter(store, stored, generation, events);
        if (writer != null) {
            registry.connect(writer::isUnwritten, writer::forget);
        }
        GateHearers hearers = new GateHearers(events);
        GateTable table = new GateTable(engine.gates, engine.time, engine.timers, () -> {
            registry.notClosed().forEach(Circuit::gatesChanged);
            hearers.changed();
        });
        GateStore gateStore = store == null ? null : store.gates();
        String process = engine.settlements.process();
        gateWriter = gateStore == null ? null : new GateWriter(gateStore, table, engine.time, process, events);
        gates = new Gates(table, engine.time, process, gateWriter, hearers);
        ProbeStore probeStore = store == null ? null : store.probes();
        trustWriter = probeStore == null ? null : new TrustWriter(probeStore, engine.trusts, engine.time);
        engine.trusts.reportTo(publisher::publishTrust, trustWriter == null ? changed -> {} : trustWriter::note);
        engine.followedBy(new Aftermath(engine, registry, publisher, writer, this::opened));
    }

    /** Takes in what the store has, and begins to work. */
    void start() {
        try {
            if (gateWriter != null) {
                gateWriter.start();
            }
            if (trustWriter != null) {
                trustWriter.start(); // before circuits come back: an open one goes by it
            }
            if (writer != null) {
                writer.subscribe();
                writer.restore(stored.resuming(writer));
                writer.start();
                own.storedBy(writer);
            }
            if (fleet != null) {
                fleet.start();
            }
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
        registry.start();
    }

    /** How the threads do. */
    List<WorkerFigures> workers() {
        List<WorkerFigures> all = new ArrayList<>(engine.timers.workers());
        if (writer != null) {
            all.add(writer.figures());
        }
        if (fleet != null) {
            all.add(fleet.figures());
        }
        if (gateWriter != null) {
            all.add(gateWriter.figures());
        }
        if (trustWriter != null) {
            all.add(trustWriter.figures());
        }
        return List.copyOf(all);
    }

    @Override
    public void close() {
        long end = System.nanoTime() + Nanos.of(AT_CLOSE);
        engine.timers.close();
        if (fleet != null) {
            fleet.close();
        }
        if (writer != null) {
            writer.close(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
        if (gateWriter != null) {
            gateWriter.close();
        }
        if (trustWriter != null) {
            trustWriter.close();
        }
        if (ownExecutors != null) {
            ownExecutors.close();
        }
    }

    private @Nullable CircuitBreaker find(CircuitId id) {
        return registry.find(id);
    }

    private void opened(CircuitId id) {
        if (fleet != null) {
            fleet.places().opened(id);
        }
    }
}
