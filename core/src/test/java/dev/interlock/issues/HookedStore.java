package dev.interlock.issues;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store in memory of which each method can be made to fail, to hang or to take note. */
class HookedStore implements CircuitStore {
    final InMemoryCircuitStore kept = new InMemoryCircuitStore();
    final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
    volatile Runnable onRead = () -> {};
    volatile Runnable onFind = () -> {};
    volatile Consumer<Collection<CircuitChange>> onWrite = changes -> {};

    @Override
    public long nextGeneration() {
        return kept.nextGeneration();
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        onRead.run();
        kept.readNotClosed(reader);
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        onFind.run();
        return kept.find(organization, name);
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        onWrite.accept(changes);
        List<CircuitRecord> inTheWay = kept.write(changes);
        List<CircuitRecord> written = new ArrayList<>();
        changes.forEach(change -> {
            CircuitRecord record = change.record();
            if (inTheWay.stream().noneMatch(each -> each.name().equals(record.name()))) {
                written.add(record);
            }
        });
        subscribers.forEach(subscriber -> written.forEach(subscriber::onChanged));
        return inTheWay;
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        subscribers.add(subscriber);
    }

    @Override
    public void unsubscribe(CircuitSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    @Override
    public void close() {}
}
