package dev.interlock;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A store that does what one in memory does; a test overrides what should differ. */
public abstract class ForwardingStore implements CircuitStore {
    protected final InMemoryCircuitStore kept;

    protected ForwardingStore() {
        this(new InMemoryCircuitStore());
    }

    protected ForwardingStore(InMemoryCircuitStore kept) {
        this.kept = kept;
    }

    @Override
    public long nextGeneration() {
        return kept.nextGeneration();
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        kept.readNotClosed(reader);
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        return kept.find(organization, name);
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        return kept.write(changes);
    }

    @Override
    public void close() {}
}
