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
 * @param missing those that have not confirmed yet: they are alive, and may not have heard of it
 * @param known whether the store knows its processes, and could be asked; without a store there is only this one
 * @param followers what other processes that obey it report on their followers, such as a server on its clients;
 *     processes without followers are left out
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
     * A confirmation of processes without followers.
     *
     * @param confirmed the names of those that obey it, this one included
     * @param missing those that have not confirmed yet
     * @param known whether the store knows its processes, and could be asked
     */
    public GateConfirmation(Set<String> confirmed, Set<String> missing, boolean known) {
        this(confirmed, missing, known, Map.of());
    }

    /**
     * Whether every process and every follower obeys.
     *
     * @return false as long as one is missing, or it is not known which processes there are
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
