package dev.interlock.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Entries that wait to be sent: a lock-free queue, bounded in number and in characters. Where there is no room the oldest
 * goes, since news helps more than history. Any thread may add, one takes out.
 */
final class EntryBuffer {
    private static final int OVERHEAD = 256;

    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong weight = new AtomicLong();
    private final int mostEntries;
    private final long mostCharacters;

    EntryBuffer(int mostEntries, long mostCharacters) {
        this.mostEntries = mostEntries;
        this.mostCharacters = mostCharacters;
    }

    /**
     * Adds an entry; never blocks.
     *
     * @return how many were dropped for it
     */
    int add(LogEntry entry, long ticks) {
        int characters = OVERHEAD
                + length(entry.inputSummary())
                + length(entry.outputSummary())
                + length(entry.errorMessage())
                + Values.characters(entry.metadata());
        size.incrementAndGet();
        weight.addAndGet(characters);
        queue.add(new Waiting(entry, ticks, characters));
        int dropped = 0;
        while ((size.get() > mostEntries || weight.get() > mostCharacters) && poll() != null) {
            dropped++;
        }
        return dropped;
    }

    int size() {
        return size.get();
    }

    /** When the oldest was added, or a negative number if there is none. */
    long oldest() {
        Waiting oldest = queue.peek();
        return oldest == null ? -1 : oldest.ticks;
    }

    /** Takes out the oldest ones. */
    List<LogEntry> take(int most) {
        List<LogEntry> taken = new ArrayList<>(Math.min(most, 64));
        for (Waiting next; taken.size() < most && (next = poll()) != null; ) {
            taken.add(next.entry);
        }
        return taken;
    }

    private @Nullable Waiting poll() {
        Waiting oldest = queue.poll();
        if (oldest != null) {
            size.decrementAndGet();
            weight.addAndGet(-oldest.characters);
        }
        return oldest;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    private record Waiting(LogEntry entry, long ticks, int characters) {}
}
