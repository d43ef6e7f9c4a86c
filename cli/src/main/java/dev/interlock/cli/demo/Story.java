package dev.interlock.cli.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What goes wrong in the fleet, when and with whom: round after round of the same troubles, which begin within the first
 * seconds of a round, and each time with somebody else. Two stories of one seed are the same. Immutable.
 */
final class Story implements Troubles {
    /** How long a round is, in milliseconds. At its end all troubles have been over for some while. */
    static final long ROUND = 80_000;

    private static final int JITTER = 2_000;

    private final long seed;
    private final Map<Trouble, List<String>> targets = new EnumMap<>(Trouble.class);

    /**
     * A story.
     *
     * @param seed distinguishes it from others
     * @param cast with whom something can go wrong
     */
    Story(long seed, Cast cast) {
        this.seed = seed;
        targets.put(Trouble.OVERLOADED_MODEL, cast.models());
        targets.put(Trouble.LOOPING_AGENT, cast.agents(false));
        targets.put(Trouble.EXHAUSTED_KEY, cast.teamKeys());
        targets.put(Trouble.SLOW_TOOL, cast.busyTools());
        targets.put(Trouble.GARBLED_ANSWERS, cast.agents(true));
        targets.replaceAll((trouble, names) -> shuffled(names, Randoms.of(seed, trouble.name(), 0)));
    }

    /**
     * What goes wrong in one round, in the order of its beginning.
     *
     * @param number which round, from 0
     */
    List<Incident> round(long number) {
        List<Incident> incidents = new ArrayList<>();
        for (Trouble trouble : Trouble.values()) {
            List<String> names = targets.getOrDefault(trouble, List.of());
            String target = names.get((int) (number % names.size()));
            long from = number * ROUND
                    + trouble.begins()
                    + Randoms.of(seed, trouble.name(), number + 1).nextInt(JITTER);
            incidents.add(new Incident(trouble, target, from, from + trouble.lasts()));
        }
        return incidents;
    }

    @Override
    public boolean isOn(long at, Trouble trouble, String target) {
        for (Incident incident : round(at / ROUND)) {
            if (incident.isOn(at, trouble, target)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> shuffled(List<String> names, Random random) {
        List<String> all = new ArrayList<>(names);
        Collections.shuffle(all, random);
        return List.copyOf(all);
    }
}
