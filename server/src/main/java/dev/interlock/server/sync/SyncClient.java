package dev.interlock.server.sync;

import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.server.security.Caller;
import dev.interlock.server.sync.SyncRequest.OnUnreachable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the server remembers of a client: what it watches, what it has confirmed, and its reports. Safe for use by any thread.
 */
final class SyncClient implements Watcher {
    /** What it takes in addition to the circuits that it watches. */
    static final int BYTES = 1_000;

    /** What each of these takes. */
    static final int BYTES_EACH = 32;

    /**
     * What a client watches. Immutable; its array is not written into.
     *
     * @param names as the client asked, those that it may not watch included
     * @param circuits those that it may
     * @param since when each of them was added, by the count of {@link Changes}
     * @param at when the list became as it is
     * @param refused names that it may not watch
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Watch(List<String> names, List<Watched> circuits, long[] since, long at, List<String> refused) {
        static final Watch NOTHING = new Watch(List.of(), List.of(), new long[0], 0, List.of());

        /** When the client is to have heard of the circuit at a place, at the latest. */
        long changed(int place) {
            return Math.max(since[place], circuits.get(place).changed());
        }

        long policyChanged(int place) {
            return Math.max(since[place], circuits.get(place).policyChanged());
        }
    }

    private final Changes changes;
    private final Batches batches = new Batches();
    private final AtomicReference<@Nullable Poll> parked = new AtomicReference<>();
    private volatile Watch watch = Watch.NOTHING;
    private volatile boolean watches;
    private volatile long watchNumber;
    private volatile long heardAt;
    private volatile long confirmed = -1;
    private volatile @Nullable String name;
    private volatile OnUnreachable onUnreachable = OnUnreachable.LOCAL;

    SyncClient(Changes changes) {
        this.changes = changes;
    }

    /** It has said something. */
    void heard(SyncRequest request, boolean ofThisLife, long now) {
        heardAt = now;
        onUnreachable = request.onUnreachable();
        if (request.name() != null) {
            name = request.name();
        }
        if (ofThisLife && request.cursor() <= changes.now()) {
            confirmed = Math.max(confirmed, request.cursor());
        }
    }

    long heardAt() {
        return heardAt;
    }

    @Nullable
    String name() {
        return name;
    }

    OnUnreachable onUnreachable() {
        return onUnreachable;
    }

    Changes changes() {
        return changes;
    }

    Batches batches() {
        return batches;
    }

    Watch watch() {
        return watch;
    }

    /** Whether it has ever said what it watches. */
    boolean watches() {
        return watches;
    }

    /** Whether it has confirmed the gates in effect. */
    boolean obeysGates() {
        return obeysGates(changes.gatesChanged());
    }

    /** Whether it obeys the gates of a count, as far as it has said so. */
    boolean obeysGates(long count) {
        return count == 0 || confirmed >= count;
    }

    /** Whether what a request says of what it watches changes nothing: it says nothing, the same, or less than is known. */
    boolean watchesAsIn(SyncRequest request) {
        List<String> names = request.watch();
        return names == null || watches && (isOlder(request) || watch.names().equals(names));
    }

    /** A list that another one of this client has overtaken on its way. */
    private boolean isOlder(SyncRequest request) {
        return request.watchNumber() > 0 && request.watchNumber() < watchNumber;
    }

    /** Watches what the request says from now on, as far as its key may. */
    synchronized void watch(SyncRequest request, Caller caller) {
        if (isOlder(request)) {
            return;
        }
        watchNumber = Math.max(watchNumber, request.watchNumber());
        if (!watchesAsIn(request)) {
            watch(Objects.requireNonNull(request.watch()), caller);
        }
    }

    private void watch(List<String> names, Caller caller) {
        Watch before = watch;
        Map<String, Integer> known = new HashMap<>();
        for (int i = 0; i < before.circuits().size(); i++) {
            known.put(before.circuits().get(i).id().name(), i);
        }
        List<Watched> circuits = new ArrayList<>(names.size());
        List<String> refused = new ArrayList<>();
        List<String> all = new ArrayList<>(names.size());
        long[] since = new long[names.size()];
        for (String each : names) {
            Integer place = known.remove(each);
            if (place != null) {
                since[circuits.size()] = before.since()[place];
                circuits.add(before.circuits().get(place));
            } else if (caller.mayDependOn(each)) {
                circuits.add(changes.watch(each, this)); // first, so that no change falls between
                since[circuits.size() - 1] = changes.next();
            } else {
                refused.add(each);
                all.add(each);
                continue;
            }
            all.add(circuits.get(circuits.size() - 1).id().name());
        }
        known.values()
                .forEach(place -> changes.leave(before.circuits().get(place).id(), this));
        watch = new Watch(List.copyOf(all), List.copyOf(circuits), since, changes.next(), List.copyOf(refused));
        watches = true;
        wake();
    }

    /** Looks whether what it watches has moved, for news that must not wait for those who bring them. */
    void lookAt(Function<CircuitId, CircuitSnapshot> circuits) {
        for (Watched each : watch.circuits()) {
            CircuitSnapshot circuit = circuits.apply(each.id());
            if (circuit.state() != CircuitState.CLOSED || each.hasMoved()) {
                changes.moved(each.id(), circuit.epoch());
            }
        }
    }

    /** It is forgotten. */
    synchronized void leave() {
        watch.circuits().forEach(circuit -> changes.leave(circuit.id(), this));
        watch = Watch.NOTHING;
        watches = false;
    }

    /** How much memory it holds by itself. */
    long bytes() {
        return BYTES + (long) BYTES_EACH * watch.names().size();
    }

    /** Whether there is something that a client which has everything up to a count does not know. */
    boolean hasNews(long cursor) {
        Watch present = watch;
        if (!changes.knowsSince(cursor) || present.at() > cursor || changes.gatesChanged() > cursor) {
            return true;
        }
        for (int i = 0; i < present.circuits().size(); i++) {
            if (present.changed(i) > cursor) {
                return true;
            }
        }
        return false;
    }

    /** Has something called once there is news; what was parked before is called now. */
    void park(Poll poll) {
        Poll before = parked.getAndSet(poll);
        if (before != null) {
            before.run();
        }
    }

    void unpark(Poll poll) {
        parked.compareAndSet(poll, null);
    }

    /** Ends what is parked if its caller counts no longer. */
    void endUnless(Predicate<Caller> isValid) {
        Poll poll = parked.get();
        if (poll != null && !isValid.test(poll.caller())) {
            wake();
        }
    }

    boolean isParked() {
        return parked.get() != null;
    }

    @Override
    public void wake() {
        Poll poll = parked.getAndSet(null);
        if (poll != null) {
            poll.run();
        }
    }
}
