package dev.interlock.server.stream;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One client: first it gets a snapshot, in pieces, then what has changed since. It is never written to faster than it
 * reads, and nobody waits for it.
 *
 * <p>{@link #offer}, {@link #resync} and {@link #isOpen} may be called by any thread; the rest runs on the outlet's own.
 */
final class Subscriber {
    /** How many agents a piece of a snapshot holds. */
    static final int PIECE = 100;

    /** How much of the data in addition to circuits counts as another agent of a piece. */
    private static final int ABOUT_AN_AGENT = 16;

    /** How many entries are looked at for a piece. */
    private static final int MOST_LOOKS = 1_000;

    /** Epochs that began so shortly before a snapshot may still be reported by messages that are under way. */
    private static final long UNDER_WAY_SECONDS = 10;

    private static final int FORGET_AFTER_TICKS = 30;

    private final Outlet outlet;
    private final Supplier<Iterator<@Nullable StreamEntry>> snapshots;
    private final Supplier<@Nullable JsonArray> incidents;
    private final LongSupplier seq;
    private final Supplier<Instant> clock;
    private final Backlog backlog = new Backlog();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean open = true;
    private volatile int forgetIn;
    private boolean waitsForRoom;
    private volatile @Nullable Iterator<@Nullable StreamEntry> snapshot;
    private Map<String, Long> changed = new HashMap<>();

    /**
     * A client that is about to get its first snapshot.
     *
     * @param outlet the way to it
     * @param snapshots a fresh look at its organization's agents
     * @param incidents its organization's incidents that go on, as far as they are known
     * @param seq the number of the organization's last message
     * @param clock the wall clock
     */
    Subscriber(
            Outlet outlet,
            Supplier<Iterator<@Nullable StreamEntry>> snapshots,
            Supplier<@Nullable JsonArray> incidents,
            LongSupplier seq,
            Supplier<Instant> clock) {
        this.outlet = outlet;
        this.snapshots = snapshots;
        this.incidents = incidents;
        this.seq = seq;
        this.clock = clock;
    }

    /** Begins with a snapshot. */
    void start() {
        snapshot = snapshots.get();
        schedule();
    }

    /** A message for this client; returns at once. */
    void offer(Message message) {
        if (open) {
            backlog.add(message);
            schedule();
        }
    }

    /** Something is missing: the client is notified, and gets a fresh snapshot. */
    void resync() {
        backlog.loseAll();
        schedule();
    }

    /** An answer to something the client said; left out if it does not read. */
    void answer(JsonObject message) {
        if (open && !outlet.isFull()) {
            outlet.write(message.encode());
        }
    }

    /** Called every second: in a while nothing older than the snapshot is under way any more. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // a snapshot that begins meanwhile is looked at once more, in a second
    void tick() {
        if (forgetIn > 0 && --forgetIn == 0) {
            backlog.knows(Map.of());
        }
    }

    /** Whether anything is still sent. */
    boolean isOpen() {
        return open;
    }

    /** The connection is gone. */
    void closed() {
        open = false;
        backlog.loseAll();
        snapshot = null;
    }

    /** Ends the connection. */
    void close(int code, String reason) {
        if (open) {
            open = false;
            outlet.close(code, reason);
        }
    }

    int waiting() {
        return backlog.size();
    }

    private void schedule() {
        if (!open || !scheduled.compareAndSet(false, true)) {
            return;
        }
        if (snapshot != null || backlog.needsResync()) {
            outlet.inTurn(this::work);
        } else {
            outlet.run(this::work);
        }
    }

    private void work() {
        scheduled.set(false); // first: a thread that adds from now on schedules again
        if (!open || waitsForRoom) {
            return;
        }
        if (!writeAll()) {
            return;
        }
        if (outlet.isFull()) {
            waitsForRoom = true;
            outlet.onRoom(() -> {
                waitsForRoom = false;
                schedule();
            });
        } else {
            schedule(); // a snapshot goes on after the event loop's other work
        }
    }

    /** Writes until the outlet is full or a piece of a snapshot is done; false if there is nothing left. */
    private boolean writeAll() {
        while (!outlet.isFull()) {
            if (backlog.takeResync()) {
                outlet.write(envelope("resync", new JsonObject()));
                snapshot = snapshots.get();
                changed = new HashMap<>();
            }
            Iterator<@Nullable StreamEntry> rest = snapshot;
            if (rest != null) {
                writePiece(rest);
                return true;
            }
            Message next = backlog.poll();
            if (next == null) {
                return false;
            }
            outlet.write(next.text());
        }
        return true;
    }

    private void writePiece(Iterator<@Nullable StreamEntry> rest) {
        Instant recent = clock.get().minusSeconds(UNDER_WAY_SECONDS);
        JsonArray agents = new JsonArray();
        JsonObject health = new JsonObject();
        JsonObject about = new JsonObject();
        int beside = 0;
        for (int looks = 0;
                looks < MOST_LOOKS && agents.size() + beside / ABOUT_AN_AGENT < PIECE && rest.hasNext();
                looks++) {
            StreamEntry entry = rest.next();
            if (entry == null) {
                continue;
            }
            agents.add(entry.json());
            if (entry.health() != null) {
                health.put(entry.agent(), entry.health());
            }
            if (entry.about() != null) {
                about.put(entry.agent(), entry.about());
                beside += AgentFeed.weight(entry.about());
            }
            Instant since = entry.since();
            if (since != null && since.isAfter(recent)) {
                changed.put(entry.agent(), entry.epoch());
            }
        }
        boolean more = rest.hasNext();
        if (!more || !agents.isEmpty()) {
            JsonObject data = new JsonObject()
                    .put("circuits", agents)
                    .put("health", health)
                    .put("agents", about)
                    .put("more", more);
            outlet.write(envelope("snapshot", more ? data : data.put("incidents", incidents.get())));
        }
        if (!more) {
            snapshot = null;
            backlog.knows(changed);
            changed = new HashMap<>();
            forgetIn = FORGET_AFTER_TICKS;
        }
    }

    private String envelope(String type, JsonObject data) {
        return new JsonObject()
                .put("type", type)
                .put("seq", seq.getAsLong())
                .put("data", data)
                .encode();
    }
}
