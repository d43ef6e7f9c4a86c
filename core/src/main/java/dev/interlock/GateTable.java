package dev.interlock;

import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.store.GateRecord;
import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All gates that this process knows, with their versions, and which of two records of one id is kept. It shows the
 * gates in effect on the {@link GateBoard}. It remembers removed gates, so that no late report brings one back.
 *
 * <p>The record with the higher version is kept. A gate whose id this process does not know is
 * {@linkplain GateRecord#UNSTORED unstored} until it is written above whatever is there. Decision 0113.
 */
final class GateTable {
    /** A gate's name in all organizations. */
    record Key(String organization, String id) {
        static Key of(GateRecord record) {
            return new Key(record.organization(), record.id());
        }
    }

    /** A record, what it says of calls if this version can read it and it was not removed, and when that ends. */
    private record Entry(GateRecord record, GateBoard.@Nullable Shut shut, long forgetAt) {}

    /** The most gates of one organization that are in effect at a time. */
    static final int MOST = 1_000;

    /** How long after its end or removal a gate is remembered. */
    private static final long REMEMBERED = Nanos.of(Duration.ofDays(1));

    private final GateBoard board;
    private final TimeSource time;
    private final Timers timers;
    private final Runnable changed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Entry> entries = new HashMap<>();
    private Timers.@Nullable Timer nextEnd;

    /** @param changed hears that other gates are shown than before */
    GateTable(GateBoard board, TimeSource time, Timers timers, Runnable changed) {
        this.board = board;
        this.time = time;
        this.timers = timers;
        this.changed = changed;
    }

    /** Puts a gate; returns its record. */
    GateRecord put(Gate gate) {
        lock.lock();
        try {
            Entry known = entries.get(new Key(gate.organization(), gate.id()));
            if ((known == null || !isInEffect(known)) && inEffect(gate.organization()) >= MOST) {
                throw new TooManyGatesException(gate.organization(), MOST);
            }
            long version = known == null || known.record.version() == GateRecord.UNSTORED
                    ? GateRecord.UNSTORED
                    : known.record.version() + 1;
            Gate put = gate.since(time.wallTime());
            return take(record(put, version), put);
        } finally {
            show();
        }
    }

    /** Removes a gate; returns the record of that, or null if none of that id is in effect. */
    @Nullable
    GateRecord remove(String organization, String id, GateRecord.Removal removal) {
        lock.lock();
        try {
            Entry known = entries.get(new Key(organization, id));
            if (known == null || known.record.isRemoved() || known.shut == null || known.shut.isOver(time.ticks())) {
                return null;
            }
            return take(known.record.removed(removal), null);
        } finally {
            show();
        }
    }

    /** Takes in what is stored; false if the record that is known here is kept. */
    boolean take(GateRecord theirs) {
        lock.lock();
        try {
            Entry known = entries.get(Key.of(theirs));
            if (known != null && !mayFollow(theirs, known.record)) {
                return false;
            }
            if (known != null && theirs.isSameChange(known.record)) {
                replace(theirs, known); // its end goes by the clock as it was when it was first heard of
            } else {
                take(theirs, gate(theirs));
            }
            return true;
        } finally {
            show();
        }
    }

    private static boolean mayFollow(GateRecord theirs, GateRecord known) {
        boolean samePut = theirs.stamp().equals(known.stamp());
        if (samePut && known.isRemoved() && !theirs.isRemoved()) {
            return false; // whatever its version: that put was removed here
        }
        if (known.version() == GateRecord.UNSTORED) {
            return samePut; // ours will be written above it
        }
        return theirs.version() > known.version()
                // A store that has forgotten gave one version twice.
                || theirs.version() == known.version() && !theirs.isSameChange(known) && !goesAbove(known, theirs);
    }

    /**
     * What to do about a stored record that stands in the way of ours.
     *
     * @return ours, to be written with a version above it; null if theirs is kept
     */
    @Nullable
    GateRecord resolve(GateRecord ours, GateRecord stored) {
        lock.lock();
        try {
            Entry known = entries.get(Key.of(ours));
            if (known == null || !known.record.isSameChange(ours)) {
                return null; // something newer has happened here, which will be written by itself
            }
            if (goesAbove(ours, stored)) {
                GateRecord above = ours.withVersion(stored.version() + 1);
                replace(above, known);
                return above;
            }
            if (!stored.isSameChange(ours)) {
                take(stored, gate(stored));
            } else {
                replace(stored, known);
            }
            return null;
        } finally {
            show();
        }
    }

    private static boolean goesAbove(GateRecord ours, GateRecord stored) {
        if (stored.stamp().equals(ours.stamp())) {
            return ours.isRemoved() && !stored.isRemoved(); // that is what was removed here
        }
        if (ours.version() == GateRecord.UNSTORED) {
            return true;
        }
        return stored.version() == ours.version() && ours.standsAgainst(stored);
    }

    @Nullable
    GateRecord find(Key key) {
        lock.lock();
        try {
            Entry known = entries.get(key);
            return known == null ? null : known.record;
        } finally {
            lock.unlock();
        }
    }

    /** The records of the gates in effect. */
    List<GateRecord> inEffect() {
        lock.lock();
        try {
            return entries.values().stream()
                    .filter(this::isInEffect)
                    .map(Entry::record)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** The gates in effect, the oldest first. */
    List<Gate> list() {
        lock.lock();
        try {
            return entries.values().stream()
                    .filter(this::isInEffect)
                    .sorted(Comparator.comparing((Entry each) -> each.record.since())
                            .thenComparing(each -> each.record.organization())
                            .thenComparing(each -> each.record.id()))
                    .flatMap(each -> Stream.ofNullable(each.shut).map(GateBoard.Shut::gate))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    private long inEffect(String organization) {
        return entries.values().stream()
                .filter(each -> each.record.organization().equals(organization) && isInEffect(each))
                .count();
    }

    private boolean isInEffect(Entry each) {
        return each.shut != null && !each.shut.isOver(time.ticks());
    }

    private void replace(GateRecord sameChange, Entry known) {
        entries.put(Key.of(sameChange), new Entry(sameChange, known.shut, known.forgetAt));
    }

    private GateRecord take(GateRecord record, @Nullable Gate gate) {
        long now = time.ticks();
        Instant until = record.until();
        // From here on the gate goes by ticks: a wall clock that is set moves its end neither way.
        long end = until == null
                ? GateBoard.Shut.NO_END
                : now + Math.max(0, Nanos.of(Duration.between(time.wallTime(), until)));
        long forgetAt = record.isRemoved() ? now + REMEMBERED : end == GateBoard.Shut.NO_END ? end : end + REMEMBERED;
        Entry known = entries.put(
                Key.of(record), new Entry(record, gate == null ? null : new GateBoard.Shut(gate, end), forgetAt));
        if (known != null && isInEffect(known) && isEndedByNobody(record)) {
            BrokenPromises.report(
                    Promise.GATES,
                    "the gate " + Key.of(record) + " was to last until " + known.record.until()
                            + ", and was ended by nobody who is named");
        }
        return record;
    }

    private static boolean isEndedByNobody(GateRecord record) {
        GateRecord.Removal removal = record.removal();
        return removal != null && Objects.toString(removal.actor(), "").isBlank();
    }

    /** Shows the gates in effect, and releases the lock. */
    private void show() {
        try {
            long now = time.ticks();
            entries.values().removeIf(each -> each.forgetAt != GateBoard.Shut.NO_END && now - each.forgetAt >= 0);
            Map<String, List<GateBoard.Shut>> next = new HashMap<>();
            long end = GateBoard.Shut.NO_END;
            for (Entry each : entries.values()) {
                GateBoard.Shut shut = each.shut;
                if (shut != null && !shut.isOver(now)) {
                    next.computeIfAbsent(each.record.organization(), made -> new ArrayList<>())
                            .add(shut);
                    end = Math.min(end, shut.end());
                }
            }
            next.replaceAll((organization, gates) -> gates.stream()
                    .sorted(Comparator.comparingLong(GateBoard.Shut::end)
                            .reversed()
                            .thenComparing(each -> each.gate().id()))
                    .toList());
            board.show(Map.copyOf(next));
            if (nextEnd != null) {
                timers.cancel(nextEnd);
            }
            // It opens by the clock, not by this timer: which only lets calls not look for what is over.
            nextEnd = end == GateBoard.Shut.NO_END ? null : timers.at(end, this::ended);
        } finally {
            lock.unlock();
        }
        changed.run();
    }

    private void ended() {
        lock.lock();
        show();
    }

    private static GateRecord record(Gate gate, long version) {
        NamePattern pattern = gate.pattern();
        Instant since = gate.since();
        return new GateRecord(
                gate.organization(),
                gate.id(),
                version,
                UUID.randomUUID().toString(),
                gate.covers().name().toLowerCase(Locale.ROOT),
                pattern == null ? null : pattern.text(),
                gate.author(),
                gate.reason(),
                since == null ? Instant.EPOCH : since,
                gate.until(),
                null);
    }

    /** What a record says of calls; null if nothing, or nothing that this version can read. */
    private static @Nullable Gate gate(GateRecord record) {
        if (record.isRemoved()) {
            return null;
        }
        String pattern = record.pattern();
        try {
            return new Gate(
                    record.organization(),
                    record.id(),
                    Gate.Covers.valueOf(record.covers().toUpperCase(Locale.ROOT)),
                    pattern == null ? null : new NamePattern(pattern),
                    record.author(),
                    record.reason(),
                    record.since(),
                    record.until());
        } catch (IllegalArgumentException unreadable) {
            Reporting.report(new IllegalArgumentException(
                    "The stored gate '" + record.organization() + "/" + record.id()
                            + "' cannot be read and refuses nothing in this process. Maybe a newer version wrote it",
                    unreadable));
            return null;
        }
    }
}
