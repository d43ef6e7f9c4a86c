package dev.interlock.monitor.incidents;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * All incidents that go on or may continue, and which of them a circuit has to do with: found by its name, since thousands
 * of circuits that nothing connects may open in one second. For one thread.
 */
final class Groups {
    private final Map<String, Group> all = new LinkedHashMap<>();
    private final Map<Group, Long> numbers = new HashMap<>();
    private final Map<String, Set<Group>> byName = new HashMap<>();
    private final Map<Group, Set<String>> names = new HashMap<>();
    private long next;

    /** One more; its circuits and its root are known by their names. */
    void add(Group group) {
        all.put(group.id(), group);
        numbers.put(group, next++);
        group.names().forEach(name -> connect(name, group));
    }

    /** A circuit is part of one, or its root. */
    void connect(String name, Group group) {
        byName.computeIfAbsent(name, fresh -> new TreeSet<>(byAge())).add(group);
        names.computeIfAbsent(group, fresh -> new HashSet<>()).add(name);
    }

    /** Those that a circuit is part of, or whose root it is or was; the older ones first. */
    Collection<Group> with(String name) {
        return byName.getOrDefault(name, Set.of());
    }

    /** All of them, the older ones first. */
    Collection<Group> all() {
        return all.values();
    }

    void remove(Group group) {
        all.remove(group.id());
        names.getOrDefault(group, Set.of())
                .forEach(name -> byName.computeIfPresent(name, (key, groups) -> {
                    groups.remove(group);
                    return groups.isEmpty() ? null : groups;
                }));
        names.remove(group);
        numbers.remove(group);
    }

    void removeIf(Predicate<Group> over) {
        all.values().stream().filter(over).toList().forEach(this::remove);
    }

    /** The older ones first. */
    Comparator<Group> byAge() {
        return Comparator.comparingLong(numbers::get);
    }
}
