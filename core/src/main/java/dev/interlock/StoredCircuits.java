package dev.interlock;

import dev.interlock.store.CircuitRecord;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The circuits of one manager for its store's writer, and how those come in that a store kept or others have moved. */
final class StoredCircuits implements Residents {
    private final CircuitBreakerManager manager;

    StoredCircuits(CircuitBreakerManager manager) {
        this.manager = manager;
    }

    /** Takes circuits in that a store kept and nobody has made here. */
    Consumer<CircuitRecord> resuming(StoreWriter writer) {
        return record -> {
            CircuitId id = CircuitRecords.id(record);
            Policy policy = manager.policyTable().resolve(id);
            CircuitBreaker circuit = manager.organization(id)
                    .resume(
                            id,
                            () -> new CircuitBreaker(
                                    id, policy, CircuitRecords.resume(record, policy, manager.birth())));
            if (circuit != null) {
                writer.resumed(circuit, record);
                circuit.resume();
            }
        };
    }

    @Override
    public @Nullable CircuitBreaker find(CircuitId id) {
        return manager.find(id);
    }

    /** It is not refused for want of room. */
    @Override
    public @Nullable CircuitBreaker takeIn(CircuitId id) {
        CircuitBreaker circuit = manager.organization(id).resume(id, () -> manager.newCircuit(id));
        if (circuit != null) {
            manager.applyPolicy(circuit);
        }
        return manager.find(id);
    }

    @Override
    public Stream<CircuitId> notClosed() {
        return manager.snapshotsNotClosed().map(CircuitSnapshot::id);
    }

    @Override
    public Instant wallTime() {
        return manager.time().wallTime();
    }

    @Override
    public boolean isDetached() {
        return manager.isDetached();
    }

    @Override
    public void onForgotten() {
        Fleet fleet = manager.fleet();
        if (fleet != null) {
            fleet.places().forgotten();
        }
    }
}
