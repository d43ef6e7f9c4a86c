package dev.interlock.proxy;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Bounds the names that each key brings in bodies of requests and that no file lists: each makes a circuit. Safe for use by
 * any thread.
 */
final class MadeUpNames {
    private static final int MOST_EACH = 100;
    private static final int MOST_KEYS = 10_000;

    private final Map<String, Set<String>> names = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<String>> eldest) {
            return size() > MOST_KEYS;
        }
    };

    /**
     * Whether a key may use a name.
     *
     * @param key whose request
     * @param name of a model or tool
     * @return false if the key has brought too many others
     */
    synchronized boolean admit(String key, String name) {
        Set<String> own = names.computeIfAbsent(key, first -> new HashSet<>());
        return own.contains(name) || own.size() < MOST_EACH && own.add(name);
    }
}
