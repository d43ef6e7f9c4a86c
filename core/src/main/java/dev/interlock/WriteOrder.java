package dev.interlock;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * In which order noted circuits are offered to a store: many at once those that it may take, then those for which it must
 * be asked first, and each by itself those that it has refused. So nothing that fails keeps the others from being offered.
 */
final class WriteOrder {
    private static final int BATCH = 500;

    private WriteOrder() {}

    /**
     * @param noted what is noted
     * @param isAlone which of them the store has refused
     * @param isAskedFirst for which of them the store must be asked
     */
    static List<List<CircuitBreaker>> of(
            Collection<CircuitBreaker> noted,
            Predicate<CircuitBreaker> isAlone,
            Predicate<CircuitBreaker> isAskedFirst) {
        List<List<CircuitBreaker>> order = new ArrayList<>();
        List<CircuitBreaker> plain = new ArrayList<>();
        List<CircuitBreaker> asked = new ArrayList<>();
        List<CircuitBreaker> alone = new ArrayList<>();
        for (CircuitBreaker each : noted) {
            (isAlone.test(each) ? alone : isAskedFirst.test(each) ? asked : plain).add(each);
        }
        add(order, plain, BATCH);
        add(order, asked, BATCH);
        add(order, alone, 1);
        return order;
    }

    private static void add(List<List<CircuitBreaker>> order, List<CircuitBreaker> some, int atOnce) {
        for (int from = 0; from < some.size(); from += atOnce) {
            order.add(some.subList(from, Math.min(some.size(), from + atOnce)));
        }
    }
}
