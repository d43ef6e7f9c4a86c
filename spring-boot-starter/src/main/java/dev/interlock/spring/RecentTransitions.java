package dev.interlock.spring;

import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.FailureKind;
import dev.interlock.StateTransition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The last thousand transitions. Safe for use by any thread. */
final class RecentTransitions implements CircuitListener {
    private static final int MOST = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<StateTransition> kept = new ArrayDeque<>();

    @Override
    public void onTransition(StateTransition transition) {
        lock.lock();
        try {
            if (kept.size() == MOST) {
                kept.removeFirst();
            }
            kept.addLast(transition);
        } finally {
            lock.unlock();
        }
    }

    /** Of one circuit; of all for null. */
    List<Map<String, @Nullable Object>> newestFirst(@Nullable CircuitId circuit) {
        List<StateTransition> newest;
        lock.lock();
        try {
            newest = new ArrayList<>(kept);
        } finally {
            lock.unlock();
        }
        Collections.reverse(newest);
        return newest.stream()
                .filter(each -> circuit == null || each.id().equals(circuit))
                .map(RecentTransitions::show)
                .toList();
    }

    private static Map<String, @Nullable Object> show(StateTransition transition) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("agent_id", transition.id().toString());
        shown.put("from", lower(transition.from()));
        shown.put("to", lower(transition.to()));
        shown.put("at", transition.at().toString());
        shown.put("cause", lower(transition.cause()));
        FailureKind kind = transition.kind();
        if (kind != null) {
            shown.put("kind", lower(kind));
        }
        if (transition.actor() != null) {
            shown.put("actor", transition.actor());
        }
        if (transition.reason() != null) {
            shown.put("reason", transition.reason());
        }
        return shown;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
