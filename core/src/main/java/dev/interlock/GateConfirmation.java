package dev.interlock;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which processes obeyed a change of a gate when that was last asked. Immutable.
 *
 * @param confirmed the {@linkplain Guard#process() names} of those that obey it, this one included
 * @param missing those of which it is not known yet: they live, and may not have heard
 * @param known whether the store knows its processes, and could be asked; without a store there is only this one
 */
@Beta
public record GateConfirmation(Set<String> confirmed, Set<String> missing, boolean known) {
    /** Copies the sets. */
    public GateConfirmation {
        confirmed = Set.copyOf(confirmed);
        missing = Set.copyOf(missing);
    }

    /**
     * Whether every process obeys.
     *
     * @return false as long as one is missing, or nobody can say which there are
     */
    public boolean isWhole() {
        return known && missing.isEmpty();
    }

    static GateConfirmation of(Map<String, Boolean> obeying, String own) {
        Set<String> confirmed = new TreeSet<>(Set.of(own));
        Set<String> missing = new TreeSet<>();
        obeying.forEach((process, obeys) -> (obeys ? confirmed : missing).add(process));
        missing.remove(own);
        return new GateConfirmation(confirmed, missing, true);
    }
}
