package dev.interlock.server.permits;

import dev.interlock.CircuitId;
import dev.interlock.InnerCalls;
import dev.interlock.store.GivenTrial;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A permit within whose call another was given. What becomes of the inner call is noted with it, in three bits for each
 * of its circuits, wherever it is settled. Immutable.
 *
 * @param generation the life of the server that gave it
 * @param number its number in that life
 * @param circuits the names of its circuits, the agent first
 * @param trials what its call tries among all servers that share a circuit, in whose place a call within it may run, and when
 *     the permit was given, in milliseconds since 1970; mostly nothing
 */
record Ancestor(long generation, long number, List<String> circuits, Map<GivenTrial, Long> trials) {
    /** A permit that is no trial. */
    Ancestor(long generation, long number, List<String> circuits) {
        this(generation, number, circuits, Map.of());
    }

    /** The most permits that may lie within each other, the outermost included. */
    static final int MOST_LEVELS = 8;

    /** What becomes of an inner call. */
    enum Note {
        ADMITTED,
        REFUSED,
        FAILED
    }

    /** The permits around a call that is made within another, the innermost first. */
    static List<Ancestor> around(PermitToken parent) {
        List<Ancestor> around = new ArrayList<>(parent.around().size() + 1);
        around.add(new Ancestor(
                parent.generation(),
                parent.number(),
                parent.circuits(),
                parent.trials().stream()
                        .collect(Collectors.toMap(Function.identity(), trial -> parent.issuedMillis()))));
        around.addAll(parent.around());
        return around;
    }

    /** The permits around a call that is a trial itself: a call within it runs in its place, not in theirs. */
    static List<Ancestor> around(List<Ancestor> around, List<GivenTrial> own) {
        return own.isEmpty()
                ? around
                : around.stream().map(each -> each.without(own)).toList();
    }

    private Ancestor without(List<GivenTrial> others) {
        if (trials.isEmpty()) {
            return this;
        }
        Map<GivenTrial, Long> left = new HashMap<>(trials);
        left.keySet()
                .removeIf(
                        trial -> others.stream().anyMatch(other -> other.name().equals(trial.name())));
        return new Ancestor(generation, number, circuits, left);
    }

    /** The bits to note here about an inner call of these circuits; 0 if none of them is this permit's. */
    long bits(Collection<String> inner, Note note) {
        long bits = 0;
        for (int i = 0; i < circuits.size(); i++) {
            if (inner.contains(circuits.get(i))) {
                bits |= 1L << (Note.values().length * i + note.ordinal());
            }
        }
        return bits;
    }

    /** What bits say about the calls within a permit. */
    static InnerCalls innerCalls(PermitToken token, long bits) {
        return bits == 0
                ? InnerCalls.NONE
                : new InnerCalls(
                        circuits(token, bits, Note.ADMITTED),
                        circuits(token, bits, Note.REFUSED),
                        circuits(token, bits, Note.FAILED));
    }

    private static Set<CircuitId> circuits(PermitToken token, long bits, Note note) {
        Set<CircuitId> found = new HashSet<>();
        List<String> names = token.circuits();
        for (int i = 0; i < names.size(); i++) {
            if ((bits >>> (Note.values().length * i + note.ordinal()) & 1) != 0) {
                found.add(new CircuitId(token.organization(), names.get(i)));
            }
        }
        return found;
    }
}
