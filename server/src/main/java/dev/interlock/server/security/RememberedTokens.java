package dev.interlock.server.security;

import dev.interlock.monitor.Shares;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Callers of tokens that were verified, by the token's hash. Each organization has its share: beyond it, its own oldest
 * go, and no other's. Safe for use by any thread; {@link #find} takes no lock.
 */
final class RememberedTokens {
    private static final int ALONE_PERCENT = 90;

    private final Map<String, Caller> callers = new ConcurrentHashMap<>();
    private final Map<String, Deque<String>> oldestFirst = new HashMap<>();
    private final Shares room;

    RememberedTokens(int most) {
        this.room = new Shares(most, ALONE_PERCENT);
    }

    @Nullable
    Caller find(String name) {
        return callers.get(name);
    }

    boolean isEmpty() {
        return callers.isEmpty();
    }

    int size() {
        return callers.size();
    }

    void put(String name, Caller caller) {
        synchronized (room) {
            if (callers.containsKey(name)) {
                callers.put(name, caller);
                return;
            }
            String organization = caller.organization();
            Deque<String> own = oldestFirst.computeIfAbsent(organization, fresh -> new ArrayDeque<>());
            while (!room.take(organization, 1)) {
                String oldest = own.pollFirst();
                if (oldest == null) {
                    oldestFirst.remove(organization);
                    return; // so many organizations share the room that none is left
                }
                callers.remove(oldest);
                room.give(organization, 1);
            }
            own.addLast(name);
            callers.put(name, caller);
        }
    }

    void clear() {
        synchronized (room) {
            oldestFirst.forEach((organization, names) -> room.give(organization, names.size()));
            oldestFirst.clear();
            callers.clear();
        }
    }
}
