package dev.interlock;

import dev.interlock.store.GateFollowers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which processes obeyed a change of a gate when that was last asked. Immutable.
 *
 * @param confirmed the {@linkplain Guard#process() names} of those that obey it, this one included
 * @param missing those of which it is not known yet: they live, and may not have heard
 * @param known whether the store knows its processes, and could be asked; without a store there is only this one
 * @param followers what others that obey it say of those who hear of gates through them, such as a server of its clients;
 *     without those through whom nobody does
 */
@Beta
public record GateConfirmation(
        Set<String> confirmed, Set<String> missing, boolean known, Map<String, GateFollowers> followers) {
    /** Copies the sets and the map. */
    public GateConfirmation {
        confirmed = Set.copyOf(confirmed);
        missing = Set.copyOf(missing);
        followers = Map.copyOf(followers);
    }

    /**
     * Of processes through which nobody else hears of gates.
     *
     * @param confirmed the names of those that obey it, this one included
     * @param missing those of which it is not known yet
     * @param known whether the store knows its processes, and could be asked
     */
    public GateConfirmation(Set<String> confirmed, Set<String> missing, boolean known) {
        this(confirmed, missing, known, Map.of());
    }

    /**
     * Whether every process obeys, and everybody who hears of gates through another one.
     *
     * @return false as long as one is missing, or nobody can say which there are
     */
    public boolean isWhole() {
        return known && missing.isEmpty() && followers.values().stream().allMatch(of -> of.missing() == 0);
    }

    static GateConfirmation of(Map<String, Optional<GateFollowers>> obeying, String own) {
        Set<String> confirmed = new TreeSet<>(Set.of(own));
        Set<String> missing = new TreeSet<>();
        Map<String, GateFollowers> followers = new LinkedHashMap<>();
        obeying.forEach((process, said) -> {
            if (process.equals(own)) {
                return;
            }
            (said.isPresent() ? confirmed : missing).add(process);
            said.filter(of -> !of.equals(GateFollowers.NONE)).ifPresent(of -> followers.put(process, of));
        });
        return new GateConfirmation(confirmed, missing, true, followers);
    }
}
