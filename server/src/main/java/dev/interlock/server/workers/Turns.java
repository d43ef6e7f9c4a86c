package dev.interlock.server.workers;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Long work on an event loop, in pieces: of each organization one in turn, and after a millisecond of pieces the loop looks
 * at its connections first, however many lists, snapshots and long bodies one organization has. A loop that runs whatever
 * is handed to it would go on with them for up to a second.
 *
 * <p>Each event loop has one, which only its own thread uses.
 */
public final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);
    private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final ThreadLocal<Turns> OF_LOOP = ThreadLocal.withInitial(Turns::new);

    /** The organization whose turn is next comes first. */
    private final Map<String, Deque<Runnable>> lanes = new LinkedHashMap<>();

    private boolean scheduled;

    private Turns() {}

    /**
     * Has a piece run later on this event loop.
     *
     * @param vertx whose event loop this is
     * @param organization for whom
     * @param piece takes a millisecond or so, and adds the next one if there is more to do
     */
    public static void add(Vertx vertx, String organization, Runnable piece) {
        Turns turns = OF_LOOP.get();
        turns.lanes.computeIfAbsent(organization, fresh -> new ArrayDeque<>()).addLast(piece);
        if (!turns.scheduled) {
            turns.scheduled = true;
            vertx.runOnContext(now -> turns.run(vertx));
        }
    }

    private void run(Vertx vertx) {
        long end = System.nanoTime() + BUDGET_NANOS;
        do {
            Runnable piece = next();
            if (piece == null) {
                scheduled = false;
                return;
            }
            try {
                piece.run();
            } catch (RuntimeException | StackOverflowError failed) {
                LOG.error("Long work of an event loop could not be brought to its end", failed);
            }
        } while (System.nanoTime() < end);
        afterOthers(vertx);
    }

    /** Goes on once the loop has looked at its connections: unlike a task, what is timed waits for that. */
    private void afterOthers(Vertx vertx) {
        ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
        context.nettyEventLoop().schedule(() -> context.emit(again -> run(vertx)), 1, TimeUnit.NANOSECONDS);
    }

    private @Nullable Runnable next() {
        Iterator<Map.Entry<String, Deque<Runnable>>> first = lanes.entrySet().iterator();
        if (!first.hasNext()) {
            return null;
        }
        Map.Entry<String, Deque<Runnable>> lane = first.next();
        String organization = lane.getKey();
        Deque<Runnable> pieces = lane.getValue();
        Runnable piece = pieces.pollFirst();
        first.remove();
        if (!pieces.isEmpty()) {
            lanes.put(organization, pieces); // behind the others
        }
        return piece;
    }
}
