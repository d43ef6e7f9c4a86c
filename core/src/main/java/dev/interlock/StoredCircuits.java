package dev.interlock;

import dev.interlock.store.CircuitRecord;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The circuits of one manager for its store's writer, and how those come in that a store kept or others have moved. */
final class StoredCircuits implements Residents {
    private final Registry registry;
    private final @Nullable Fleet fleet;

    StoredCircuits(Registry registry, @Nullable Fleet fleet) {
        this.registry = registry;
        this.fleet = fleet;
    }

    /** Takes circuits in that a store kept and nobody has made here. */
    Consumer<CircuitRecord> resuming(StoreWriter writer) {
        return record -> {
            CircuitBreaker circuit = registry.resume(record);
            if (circuit != null) {
                writer.resumed(circuit, record);
                circuit.begin();
            }
        };
    }

    @Override
    public @Nullable CircuitBreaker find(CircuitId id) {
        return registry.find(id);
    }

    @Override
    public @Nullable CircuitBreaker takeIn(CircuitId id, long recorded) {
        return registry.takeIn(id, recorded);
    }

    @Override
    public Stream<CircuitId> notClosed() {
        return registry.notClosed().map(CircuitBreaker::id);
    }

    @Override
    public Instant wallTime() {
        return registry.engine().time.wallTime();
    }

    @Override
    public boolean isDetached() {
        return fleet != null && !fleet.isTogether();
    }

    @Override
    public void onForgotten() {
        if (fleet != null) {
            fleet.places().forgotten();
        }
    }
}
