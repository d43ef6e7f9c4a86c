package dev.interlock.server.traces;

import dev.interlock.monitor.Shares;
import dev.interlock.server.security.Caller;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The traces of all keys, each for itself, in bounded memory. Safe for use by any thread. */
final class TraceMemory {
    private static final long ROOM = 64L << 20;
    private static final int PERCENT = 25;

    private record Key(String organization, String source) {}

    /** A key's traces, until they are forgotten as a whole. */
    private static final class Kept {
        final KeyTraces traces;
        boolean forgotten;

        Kept(KeyTraces traces) {
            this.traces = traces;
        }
    }

    private final Shares shares = new Shares(ROOM, PERCENT);
    private final Map<Key, Kept> keys = new ConcurrentHashMap<>();

    /** Uses the traces of a key, one user at a time. */
    void use(Caller caller, Consumer<KeyTraces> user) {
        Key key = new Key(caller.organization(), caller.source());
        while (true) {
            Kept kept = keys.computeIfAbsent(key, fresh -> new Kept(new KeyTraces(caller.organization(), shares)));
            synchronized (kept) {
                if (!kept.forgotten) {
                    user.accept(kept.traces);
                    return;
                }
            }
        }
    }

    /** Uses the traces of each key, and forgets those that hold nothing. */
    void each(long now, BiConsumer<String, KeyTraces> user) {
        keys.forEach((key, kept) -> {
            synchronized (kept) {
                if (!kept.forgotten) {
                    user.accept(key.organization(), kept.traces);
                    if (kept.traces.isIdle(now)) {
                        kept.forgotten = true;
                        keys.remove(key, kept);
                    }
                }
            }
        });
    }

    /** What all traces together take, in bytes. */
    long bytes() {
        return shares.total();
    }
}
