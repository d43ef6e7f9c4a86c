package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.Durability;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store that reports line by line what it is asked, what it answers, and of what it reports: what docs/model says of the
 * lines of a history.
 */
final class ToldStore implements CircuitStore {
    /** Takes a line: what, and what belongs to it. */
    interface Book {
        void note(String what, Object... more);
    }

    /** By which words what is asked, and what is answered, is known. */
    private record Words(
            String reads, String read, String allRead, String finds, String found, String writes, String wrote) {
        static final Words OF_REDIS = new Words("reads", "read", "all-read", "finds", "found", "writes", "wrote");
        static final Words OF_A_DATABASE =
                new Words("recalls", "recalled", "all-recalled", "looks-up", "looked-up", "keeps", "kept");
        static final Words OF_COMPARISONS =
                new Words("compares", "compared", "all-compared", "misses", "missed", "brings", "brought");
    }

    private static final String UNKNOWN = "unknown";

    private final CircuitStore store;
    private final Book book;
    private final Words words;
    private final Predicate<CircuitRecord> resumed;
    private final @Nullable CircuitCoordination coordination;
    private final Set<CircuitRecord> passed = ConcurrentHashMap.newKeySet();
    private volatile boolean begun;

    /** What a manager sees of Redis. */
    ToldStore(CircuitStore store, Book book) {
        this(store, book, Words.OF_REDIS, record -> false);
        book.note("opens");
    }

    /** What a manager sees of Redis and a database behind it; these two say what came from there. */
    ToldStore(CircuitStore store, Book book, ToldStore database, ToldStore comparisons) {
        this(
                store,
                book,
                Words.OF_REDIS,
                record -> database.passed.contains(record) || comparisons.passed.contains(record));
        book.note("opens");
    }

    private ToldStore(CircuitStore store, Book book, Words words, Predicate<CircuitRecord> resumed) {
        this.store = store;
        this.book = book;
        this.words = words;
        this.resumed = resumed;
        CircuitCoordination shared = store.coordination();
        this.coordination = shared == null ? null : new ToldCoordination(shared, book);
    }

    /** What is kept in a database. */
    static ToldStore ofDatabase(CircuitStore database, Book book) {
        return new ToldStore(database, book, Words.OF_A_DATABASE, record -> false);
    }

    /** What is asked of Redis by the thread that compares it with a database. */
    static ToldStore ofComparisons(CircuitStore redis, Book book) {
        return new ToldStore(redis, book, Words.OF_COMPARISONS, record -> false);
    }

    /** Epoch, state, whether it is held and by whom, the process that wrote it, and since when. */
    static String words(CircuitRecord record) {
        return String.join(
                " ",
                Long.toString(record.epoch()),
                record.state(),
                record.held() ? "held" : "free",
                record.actor() == null ? "-" : record.actor(),
                Long.toString(record.writer()),
                micros(record.changedAt()));
    }

    static String micros(Instant at) {
        return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, at));
    }

    @Override
    public long nextGeneration() {
        long generation = store.nextGeneration();
        book.note("generation", generation);
        return generation;
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        book.note(words.reads);
        boolean read = false;
        try {
            store.readNotClosed(new CircuitReader() {
                @Override
                public boolean wants(String organization, String name, long epoch) {
                    return reader.wants(organization, name, epoch);
                }

                @Override
                public void read(CircuitRecord record) {
                    boolean isResumed = !begun && resumed.test(record);
                    book.note(isResumed ? "resumes" : words.read, record.name(), words(record));
                    passed.add(record);
                    reader.read(record);
                }

                @Override
                public void unreadable(UnreadableRecordException unreadable) {
                    book.note("unreadable", unreadable.name());
                    reader.unreadable(unreadable);
                }
            });
            read = true;
            begun = true;
        } finally {
            book.note(words.allRead, read ? "ok" : UNKNOWN);
        }
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        book.note(words.finds, name);
        String answer = UNKNOWN;
        try {
            CircuitRecord found = store.find(organization, name);
            answer = found == null ? "nothing" : words(found);
            return found;
        } finally {
            book.note(words.found, name, answer);
        }
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        changes.forEach(change -> {
            passed.add(change.record());
            book.note(words.writes, change.record().name(), change.basis(), words(change.record()));
        });
        Map<String, String> answers = new HashMap<>();
        changes.forEach(change -> answers.put(change.record().name(), UNKNOWN));
        try {
            List<CircuitRecord> inTheWay = store.write(changes);
            answers.replaceAll((name, unknown) -> "ok");
            inTheWay.forEach(record -> answers.put(record.name(), "stands " + words(record)));
            passed.addAll(inTheWay);
            return inTheWay;
        } catch (StoreUnavailableException away) {
            answers.replaceAll((name, unknown) -> away.mayHaveDone() ? UNKNOWN : "unasked");
            throw away;
        } finally {
            answers.forEach((name, answer) -> book.note(words.wrote, name, answer));
        }
    }

    @Override
    public Durability durability() {
        return store.durability();
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        store.subscribe(new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                book.note("hears", record.name(), words(record));
                subscriber.onChanged(record);
            }

            @Override
            public void onGap() {
                subscriber.onGap();
            }

            @Override
            public void onReconcile() {
                subscriber.onReconcile();
            }

            @Override
            public void onUnreadable(UnreadableRecordException unreadable) {
                subscriber.onUnreadable(unreadable);
            }

            @Override
            public void onForgotten() {
                book.note("forgetting");
                subscriber.onForgotten();
                book.note("forgotten");
            }
        });
    }

    @Override
    public @Nullable CircuitCoordination coordination() {
        return coordination;
    }

    @Override
    public void close() {
        store.close();
    }
}
