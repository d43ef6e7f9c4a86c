package dev.interlock;

import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.Reporting;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What others write: what is reported of it (news), what is to be looked up since it is not what was thought (doubts), and
 * that something may have been missed (a gap). Each is taken in by itself: news need no store, and while one thing cannot
 * be looked up, or read, the others are taken in.
 *
 * <p>Reports come on any thread; they are taken in on the writer's.
 */
final class News implements CircuitSubscriber {
    /** How many unreadable records are reported, each once; more are left out silently. */
    private static final int MOST_REPORTED = 1_000;

    /** After this many failed looks the store is not asked for the other doubts until the next try. */
    private static final int MOST_FAILURES = 3;

    /** One in this many reconciling reads also reads what this process thinks the store has. */
    private static final int WHOLE_EVERY = 30;

    private final CircuitStore store;
    private final Agreements agreements;
    private final Residents circuits;
    private final long generation;
    private final Runnable wake;
    private final Map<CircuitId, CircuitRecord> news = new ConcurrentHashMap<>();
    private final Queue<CircuitId> doubts = new ConcurrentLinkedQueue<>();

    /** What is among {@link #doubts}, so that nothing is there twice. */
    private final Set<CircuitId> doubted = ConcurrentHashMap.newKeySet();

    private final Set<String> reported = ConcurrentHashMap.newKeySet();

    /** How often something may have been missed, and how much of that was made good. */
    private final AtomicInteger gaps = new AtomicInteger();

    private volatile int closedGaps;

    /** How often stored and local circuits were to be compared, and how often they were. */
    private final AtomicInteger comparisons = new AtomicInteger();

    private volatile int compared;

    /** How often the store has forgotten everything, and after how many of these times all was looked at again. */
    private final AtomicInteger losses = new AtomicInteger();

    private volatile int healedLosses;

    News(CircuitStore store, Agreements agreements, Residents circuits, long generation, Runnable wake) {
        this.store = store;
        this.agreements = agreements;
        this.circuits = circuits;
        this.generation = generation;
        this.wake = wake;
    }

    @Override
    public void onChanged(CircuitRecord record) {
        if (record.writer() == generation) {
            return;
        }
        try {
            news.merge(CircuitRecords.id(record), record, (one, other) -> one.epoch() > other.epoch() ? one : other);
        } catch (IllegalArgumentException badName) {
            onUnreadable(unreadable(record, badName));
        }
        wake.run();
    }

    @Override
    public void onGap() {
        gaps.incrementAndGet();
        wake.run();
    }

    @Override
    public void onReconcile() {
        comparisons.incrementAndGet();
        wake.run();
    }

    @Override
    public void onForgotten() {
        losses.incrementAndGet();
        circuits.onForgotten();
        onGap();
    }

    @Override
    public void onUnreadable(UnreadableRecordException unreadable) {
        String id = unreadable.organization() + '\n' + unreadable.name();
        if (reported.size() < MOST_REPORTED && reported.add(id)) {
            Reporting.report(unreadable);
        }
    }

    /** Takes in that the store may have something else of a circuit than was thought. */
    void onDoubt(CircuitId id) {
        doubt(id);
        wake.run();
    }

    /** Whether there are reports to take in. */
    boolean hasNews() {
        return !news.isEmpty();
    }

    /** Whether something is to be read. */
    boolean hasToRead() {
        return closedGaps != gaps.get() || compared != comparisons.get() || !doubts.isEmpty();
    }

    /** How many gaps there were; a store that is back reports one. */
    int gaps() {
        return gaps.get();
    }

    /** Whether the store has lost what it held, and not all was looked at since. */
    boolean isForgotten() {
        return healedLosses != losses.get();
    }

    /** Takes in what was reported; needs no store, and cannot fail. */
    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent one, whose iterator goes on
    void hear() {
        for (CircuitId id : news.keySet()) {
            CircuitRecord record = news.remove(id);
            if (record != null) {
                Reporting.safely(() -> agreements.hear(record, false));
            }
        }
    }

    /**
     * Looks up what is doubted, and reads again what may have been missed; the one also when the other fails.
     *
     * @throws StoreUnavailableException if the store cannot be reached; the rest is still to be read
     */
    void read() {
        Throwable failed = lookUpDoubts();
        // What comes while all is read may or may not be among it: it is made good by the next read.
        int seenGaps = gaps.get();
        int seenLosses = losses.get();
        int seenComparisons = comparisons.get();
        if (closedGaps != seenGaps || compared != seenComparisons) {
            readAgain(closedGaps != seenGaps || seenComparisons % WHOLE_EVERY == 0);
            closedGaps = seenGaps;
            healedLosses = seenLosses;
            compared = seenComparisons;
        }
        if (failed instanceof StoreUnavailableException away) {
            throw away;
        } else if (failed != null) {
            throw new IllegalStateException("Something of what is stored could not be looked up", failed);
        }
    }

    /** One round over all doubts: what fails is doubted again, behind the others. Returns the last failure, or null. */
    private @Nullable Throwable lookUpDoubts() {
        Throwable last = null;
        int failures = 0;
        for (int left = doubts.size(); left > 0 && failures < MOST_FAILURES; left--) {
            CircuitId id = doubts.poll();
            if (id == null) {
                break;
            }
            doubted.remove(id); // before it is looked up: a doubt that comes meanwhile is a new one
            try {
                look(id);
            } catch (RuntimeException | Error failed) {
                doubt(id);
                failures++;
                last = failed;
            }
        }
        return last;
    }

    private void doubt(CircuitId id) {
        if (doubted.add(id)) {
            doubts.add(id);
        }
    }

    /** Reads what the store has for a circuit by circuit taker: what cannot be taken in keeps no other out. */
    void restore(Consumer<CircuitRecord> taker) {
        store.readNotClosed(new Reader(true, taker));
    }

    private void look(CircuitId id) {
        try {
            CircuitRecord record = store.find(id.organization(), id.name());
            if (record != null) {
                agreements.hear(record, true);
            } else {
                agreements.missing(id);
            }
        } catch (UnreadableRecordException unreadable) {
            onUnreadable(unreadable);
        }
    }

    /** @param whole whether also records are read that this process has already, by their epochs */
    private void readAgain(boolean whole) {
        Reader reader = new Reader(whole, record -> agreements.hear(record, true));
        store.readNotClosed(reader);
        circuits.notClosed().filter(id -> !reader.seen.contains(id)).forEach(this::look);
    }

    private static UnreadableRecordException unreadable(CircuitRecord record, RuntimeException why) {
        return new UnreadableRecordException(record.organization(), record.name(), "the record", why);
    }

    private final class Reader implements CircuitReader {
        private final boolean whole;
        private final Consumer<CircuitRecord> taker;
        private final Set<CircuitId> seen = new HashSet<>();

        Reader(boolean whole, Consumer<CircuitRecord> taker) {
            this.whole = whole;
            this.taker = taker;
        }

        @Override
        public boolean wants(String organization, String name, long epoch) {
            if (whole) {
                return true;
            }
            try {
                CircuitId id = new CircuitId(organization, name);
                CircuitBreaker circuit = circuits.find(id);
                if (circuit == null || circuit.isClosedAndClean() || agreements.basis(id) != epoch) {
                    return true;
                }
                seen.add(id);
                return false;
            } catch (IllegalArgumentException badName) {
                return true; // and is reported when it is read
            }
        }

        @Override
        public void read(CircuitRecord record) {
            try {
                seen.add(CircuitRecords.id(record));
                taker.accept(record);
            } catch (RuntimeException cannotBeTakenIn) {
                onUnreadable(News.unreadable(record, cannotBeTakenIn));
            } catch (Error passing) {
                Reporting.report(passing);
                doubt(CircuitRecords.id(record));
            }
        }

        @Override
        public void unreadable(UnreadableRecordException unreadable) {
            try {
                seen.add(new CircuitId(unreadable.organization(), unreadable.name()));
            } catch (IllegalArgumentException badName) {
                // There is no circuit of that name that would have to be looked up.
            }
            onUnreadable(unreadable);
        }
    }
}
