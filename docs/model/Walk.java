import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Walks through everything that a small model can do, in every order, breadth first, so that what is found is found in the
 * fewest steps. {@link Gates}, {@link Callers} and {@link Chains} are such models; {@link Protocol}, whose worlds are
 * millions, has a walk of its own.
 *
 * @param <W> a world: equal to another one if nothing that can follow differs
 */
final class Walk<W> {
    /** Whether a step is the protocol's own, or something on which nobody may count. */
    enum Kind {
        OWN,
        CHANCE
    }

    /** Takes in the steps that can be taken in a world. */
    @FunctionalInterface
    interface Sink<W> {
        void step(Kind kind, Supplier<String> what, W next);
    }

    /** What can happen, and what must hold. A promise begins with its name and a colon. */
    interface Model<W> {
        W begin();

        void steps(W world, Sink<W> into);

        /** What a step breaks, or null. */
        String brokenBy(W before, W after);

        /** What is broken in a world that nothing but chance leaves, or null. */
        String brokenAtRest(W world);
    }

    /**
     * A scenario, or one without a fix.
     *
     * @param name for the command line
     * @param text what is special about it
     */
    record Scenario<W>(String name, String text, Model<W> model) {}

    /**
     * A decision that is taken out to show that a promise breaks without it.
     *
     * @param text what the decision is
     * @param scenario the model without it
     */
    record Fix<W>(String name, String text, Scenario<W> scenario) {}

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Model<W> model;
    private final Map<W, Integer> numbers = new HashMap<>();
    private final List<W> worlds = new ArrayList<>();
    private final Protocol.Ints parents = new Protocol.Ints();
    private final Protocol.Ints edges = new Protocol.Ints();
    private final Protocol.Ints offsets = new Protocol.Ints();
    private int edgesSoFar;
    private int depth;
    private String found;
    private List<W> way = List.of();

    private Walk(Model<W> model) {
        this.model = model;
    }

    /**
     * Walks as the options say, and prints what it finds.
     *
     * @param arguments nothing for all scenarios; {@code --without} and the name of a fix or {@code all}
     * @return whether all promises hold, or each fix that is taken out breaks one
     */
    static <W> boolean run(List<String> arguments, List<Scenario<W>> scenarios, List<Fix<W>> fixes) {
        boolean right = true;
        if (arguments.isEmpty()) {
            for (Scenario<W> scenario : scenarios) {
                right &= holds(scenario);
            }
            OUT.println(right ? "All promises hold." : "A promise is broken.");
            return right;
        }
        List<String> names = fixes.stream().map(Fix::name).toList();
        String wanted = arguments.get(arguments.size() - 1);
        if (arguments.size() != 2
                || !arguments.get(0).equals("--without")
                || !wanted.equals("all") && !names.contains(wanted)) {
            throw new IllegalArgumentException(
                    "Not understood: " + arguments + ". Options are none, or --without and one of all, " + names);
        }
        for (Fix<W> fix : fixes) {
            if (wanted.equals("all") || wanted.equals(fix.name)) {
                OUT.println("Without " + fix.name + " (" + fix.text + "):");
                right &= !holds(fix.scenario);
            }
        }
        return right;
    }

    private static <W> boolean holds(Scenario<W> scenario) {
        long began = System.nanoTime();
        Walk<W> walk = new Walk<>(scenario.model);
        walk.go();
        OUT.printf(
                Locale.ROOT,
                "%s (%s): %,d worlds, %d steps deep, %.1f s%n",
                scenario.name,
                scenario.text,
                walk.worlds.size(),
                walk.depth,
                (System.nanoTime() - began) / 1e9);
        if (walk.found != null) {
            OUT.println("  " + walk.found + ", after these steps:");
            walk.explain();
        }
        return walk.found == null;
    }

    private void go() {
        number(model.begin(), -1);
        int level = 1;
        for (int i = 0; i < worlds.size(); i++) {
            if (i == level) {
                level = worlds.size();
                depth++;
            }
            W world = worlds.get(i);
            int number = i;
            offsets.add(edgesSoFar);
            model.steps(world, (kind, what, next) -> take(number, world, kind, next));
            if (found != null) {
                return;
            }
        }
        offsets.add(edgesSoFar);
        int wrong = new Protocol.Components(worlds.size(), edges, offsets, false)
                .firstTerminal(state -> model.brokenAtRest(worlds.get(state)) != null);
        if (wrong >= 0) {
            found = model.brokenAtRest(worlds.get(wrong));
            way = wayTo(wrong);
        }
    }

    private void take(int number, W world, Kind kind, W next) {
        if (found != null || next.equals(world)) {
            return;
        }
        found = model.brokenBy(world, next);
        if (found != null) {
            way = wayTo(number);
            way.add(next);
            return;
        }
        int other = number(next, number);
        if (kind == Kind.OWN) {
            edges.add(other);
            edgesSoFar++;
        }
    }

    private int number(W world, int parent) {
        Integer known = numbers.putIfAbsent(world, worlds.size());
        if (known != null) {
            return known;
        }
        worlds.add(world);
        parents.add(parent);
        return worlds.size() - 1;
    }

    private List<W> wayTo(int number) {
        List<W> to = new ArrayList<>();
        for (int i = number; i >= 0; i = parents.get(i)) {
            to.add(worlds.get(i));
        }
        Collections.reverse(to);
        return to;
    }

    /** The steps that led there, for people. */
    private void explain() {
        for (int i = 1; i < way.size(); i++) {
            W after = way.get(i);
            String[] text = new String[1];
            model.steps(way.get(i - 1), (kind, what, next) -> {
                if (text[0] == null && next.equals(after)) {
                    text[0] = what.get();
                }
            });
            OUT.printf("  %2d. %s%n      %s%n", i, text[0], after);
        }
    }
}
