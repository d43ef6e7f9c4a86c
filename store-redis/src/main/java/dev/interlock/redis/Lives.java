package dev.interlock.redis;

import io.lettuce.core.cluster.SlotHash;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * By which lives of their memory Redis, or the masters of a Cluster, have spoken: another life than before means that all
 * is forgotten that was there. The key that names it moves to another master with its slot, as the circuits there do. For
 * one thread.
 */
final class Lives {
    /** How many numbers are tried: enough for a master that has one slot of all. */
    private static final int NUMBERS = 20 * SlotHash.SLOT_COUNT;

    private final Keys keys;
    private final Map<String, String> known = new HashMap<>();
    private final Map<String, String> keysOfMasters = new HashMap<>();

    Lives(Keys keys) {
        this.keys = keys;
    }

    /** The key that names a master's life, the same for all processes; null if there is none. */
    @Nullable
    String key(Connected.Master master, boolean isCluster) {
        if (!isCluster) {
            return keys.life();
        }
        String before = keysOfMasters.get(master.id());
        if (before != null && master.hasSlot().test(SlotHash.getSlot(before))) {
            return before;
        }
        for (int number = 0; number < NUMBERS; number++) {
            String key = keys.life(number);
            if (master.hasSlot().test(SlotHash.getSlot(key))) {
                keysOfMasters.put(master.id(), key);
                return key;
            }
        }
        return null;
    }

    /** Takes in what a key said; true if that was another life than before. */
    boolean isAnother(String key, String life) {
        String before = known.put(key, life);
        return before != null && !before.equals(life);
    }
}
