package dev.interlock.checks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Groups in which each member needs every other, directly or through others: the strongly connected components of a
 * graph, found by Tarjan's algorithm.
 */
final class Circles {
    private final Map<String, Set<String>> needs;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final Set<String> onPath = new HashSet<>();
    private final List<List<String>> found = new ArrayList<>();

    private Circles(Map<String, Set<String>> needs) {
        this.needs = needs;
    }

    /** All circles of two members or more, the biggest first, each sorted by name. */
    static List<List<String>> in(Map<String, Set<String>> needs) {
        Circles circles = new Circles(needs);
        needs.keySet().stream()
                .filter(each -> !circles.numbers.containsKey(each))
                .forEach(circles::visit);
        circles.found.sort(Comparator.<List<String>>comparingInt(List::size).reversed());
        return circles.found;
    }

    private void visit(String member) {
        numbers.put(member, numbers.size());
        lowest.put(member, numbers.get(member));
        path.push(member);
        onPath.add(member);
        for (String needed : needs.getOrDefault(member, Set.of())) {
            if (!numbers.containsKey(needed)) {
                visit(needed);
                lowest.merge(member, lowest.get(needed), Math::min);
            } else if (onPath.contains(needed)) {
                lowest.merge(member, numbers.get(needed), Math::min);
            }
        }
        if (lowest.get(member).equals(numbers.get(member))) {
            take(member);
        }
    }

    private void take(String first) {
        List<String> circle = new ArrayList<>();
        String member;
        do {
            member = path.pop();
            onPath.remove(member);
            circle.add(member);
        } while (!member.equals(first));
        if (circle.size() > 1) {
            circle.sort(null);
            found.add(circle);
        }
    }
}
