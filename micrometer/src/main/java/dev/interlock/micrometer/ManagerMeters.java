package dev.interlock.micrometer;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.threads.WorkerFigures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How a manager as a whole does: counted when somebody asks. */
final class ManagerMeters {
    private static final double NANOS = 1e9;

    private final MeterRegistry registry;
    private final CircuitBreakerManager circuits;
    private final List<Meter> all = new ArrayList<>();

    ManagerMeters(MeterRegistry registry, CircuitBreakerManager circuits) {
        this.registry = registry;
        this.circuits = circuits;
        for (CircuitState state : CircuitState.values()) {
            all.add(Gauge.builder("interlock.circuits.by.state", circuits, manager -> inState(manager, state))
                    .description("Circuits by state")
                    .tags("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry));
        }
        gauge("interlock.circuits", "Circuits in memory", CircuitBreakerManager::size);
        gauge(
                "interlock.store.available",
                "1 if the store took what was last brought to it, or there is none",
                manager -> manager.isStoreAvailable() ? 1 : 0);
        gauge(
                "interlock.store.backlog",
                "Circuits whose newest state is not in the store yet",
                CircuitBreakerManager::storeBacklog);
        all.add(Gauge.builder(
                        "interlock.store.lag",
                        circuits,
                        manager -> manager.storeLag().toNanos() / NANOS)
                .description("How long the oldest change of a circuit waits to be stored; 0 if none does")
                .baseUnit("seconds")
                .register(registry));
        gauge(
                "interlock.detached",
                "1 while shared circuits go by this process' own figures",
                manager -> manager.isDetached() ? 1 : 0);
        all.add(FunctionCounter.builder("interlock.events.missed", circuits, CircuitBreakerManager::missedEvents)
                .description("Events that listeners did not hear because they were too slow")
                .register(registry));
        for (Promise promise : Promise.values()) {
            all.add(FunctionCounter.builder("interlock.broken.promises", promise, BrokenPromises::count)
                    .description("How often a promise was broken; always 0, unless there is a defect")
                    .tags("promise", promise.wireName())
                    .register(registry));
        }
        circuits.workers().forEach(worker -> thread(worker.name()));
    }

    void remove() {
        all.forEach(registry::remove);
    }

    private void gauge(String name, String description, ToDoubleFunction<CircuitBreakerManager> value) {
        all.add(Gauge.builder(name, circuits, value).description(description).register(registry));
    }

    private void thread(String name) {
        all.add(Gauge.builder(
                        "interlock.threads", circuits, manager -> worker(manager, name, each -> each.running() ? 1 : 0))
                .description("Interlock's own threads that are alive")
                .tags("name", name)
                .register(registry));
        all.add(FunctionCounter.builder(
                        "interlock.threads.lost", circuits, manager -> worker(manager, name, WorkerFigures::losses))
                .description("Threads that died or could not be started; each is replaced")
                .tags("name", name)
                .register(registry));
        all.add(FunctionCounter.builder(
                        "interlock.thread.failures",
                        circuits,
                        manager -> worker(manager, name, WorkerFigures::failures))
                .description("Turns of threads that failed, and were taken again")
                .tags("name", name)
                .register(registry));
    }

    private static double worker(CircuitBreakerManager circuits, String name, ToDoubleFunction<WorkerFigures> figure) {
        return circuits.workers().stream()
                .filter(each -> each.name().equals(name))
                .mapToDouble(figure)
                .sum();
    }

    /** Costs what is not closed, not what there is. */
    private static double inState(CircuitBreakerManager circuits, CircuitState state) {
        long notClosed = circuits.snapshotsNotClosed()
                .map(CircuitSnapshot::state)
                .filter(each -> state == CircuitState.CLOSED ? each != CircuitState.CLOSED : each == state)
                .count();
        return state == CircuitState.CLOSED ? Math.max(0, circuits.size() - notClosed) : notClosed;
    }
}
