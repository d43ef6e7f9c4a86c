package dev.interlock.server.stream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one client, bounded: from a certain length on, of the messages with one key only the newest is kept;
 * when even these are too many, nothing is kept but that a fresh snapshot is needed. Safe for use by any thread.
 */
final class Backlog {
    /** From this length on waiting messages are merged. */
    static final int MERGE_AT = 256;

    /** How many may wait after merging. */
    static final int MOST = 4_096;

    private final Deque<Message> waiting = new ArrayDeque<>();
    private Map<String, Long> known = Map.of();
    private int mergeAt = MERGE_AT;
    private boolean resync;

    /** Takes a message in, unless the client is about to get, or has got, something newer. */
    synchronized void add(Message message) {
        if (resync || isKnown(message)) {
            return;
        }
        waiting.addLast(message);
        if (waiting.size() > mergeAt) {
            merge();
            mergeAt = Math.max(MERGE_AT, waiting.size() * 2);
            if (waiting.size() > MOST) {
                loseAll();
            }
        }
    }

    /** The next message to be sent, or null. */
    synchronized @Nullable Message poll() {
        Message next = waiting.pollFirst();
        if (waiting.isEmpty()) {
            mergeAt = MERGE_AT;
        }
        return next;
    }

    /** Forgets all, and asks for a fresh snapshot. */
    synchronized void loseAll() {
        waiting.clear();
        mergeAt = MERGE_AT;
        resync = true;
    }

    /** Whether a fresh snapshot is needed; if so, messages are taken in again from now on. */
    synchronized boolean takeResync() {
        boolean needed = resync;
        resync = false;
        return needed;
    }

    synchronized boolean needsResync() {
        return resync;
    }

    /** Notes what a snapshot has said about circuits that changed a moment ago, so that nothing older follows it. */
    synchronized void knows(Map<String, Long> epochs) {
        known = epochs;
        waiting.removeIf(this::isKnown);
    }

    synchronized int size() {
        return waiting.size();
    }

    private boolean isKnown(Message message) {
        if (message.epoch() == Message.NO_EPOCH || known.isEmpty()) {
            return false;
        }
        Long epoch = known.get(message.agent());
        return epoch != null && message.epoch() <= epoch;
    }

    /** The newest of each key, at its own place. */
    private void merge() {
        Set<String> seen = new HashSet<>();
        for (Iterator<Message> newestFirst = waiting.descendingIterator(); newestFirst.hasNext(); ) {
            if (!seen.add(newestFirst.next().key())) {
                newestFirst.remove();
            }
        }
    }
}
