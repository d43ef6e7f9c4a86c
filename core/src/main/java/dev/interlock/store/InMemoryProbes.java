package dev.interlock.store;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** Trust in probes, as long as the process lasts. */
final class InMemoryProbes implements ProbeStore {
    private record Key(String organization, String name) {}

    private final ConcurrentMap<Key, ProbeRecord> records = new ConcurrentHashMap<>();

    @Override
    public void read(Instant since, Consumer<ProbeRecord> reader) {
        List.copyOf(records.values()).stream()
                .filter(record -> !record.changedAt().isBefore(since))
                .forEach(reader);
    }

    @Override
    public void write(Collection<ProbeRecord> changes) {
        for (ProbeRecord change : changes) {
            records.merge(
                    new Key(change.organization(), change.name()),
                    change,
                    (there, here) -> here.changedAt().isBefore(there.changedAt()) ? there : here);
        }
    }

    @Override
    public void forget(Instant before) {
        records.values().removeIf(record -> record.changedAt().isBefore(before));
    }

    @Override
    public boolean isShared() {
        return true;
    }
}
