package dev.interlock.server.permits;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this server has noted with permits that are out about the calls within them; only those that have any are here.
 * Safe for use by any thread.
 *
 * <p>Bounded for each organization: beyond that the oldest notes go, and the outcomes of those permits count once more.
 */
final class InnerNotes {
    private record Key(long generation, long number) {}

    private record Noted(long bits, long at) {}

    private final Map<String, LinkedHashMap<Key, Noted>> ofOrganization = new ConcurrentHashMap<>();
    private final int limit;
    private final long lifetime;

    /**
     * Nothing is noted.
     *
     * @param limit the most permits of an organization to keep notes of
     * @param lifetime nanoseconds after which a permit cannot be settled any more
     */
    InnerNotes(int limit, long lifetime) {
        this.limit = limit;
        this.lifetime = lifetime;
    }

    void note(String organization, long generation, long number, long bits, long now) {
        ofOrganization.compute(organization, (name, known) -> {
            LinkedHashMap<Key, Noted> notes = known == null ? new LinkedHashMap<>() : known;
            Key key = new Key(generation, number);
            Noted before = notes.remove(key);
            notes.put(key, new Noted(before == null ? bits : before.bits() | bits, now));
            Iterator<Noted> oldest = notes.values().iterator();
            while (notes.size() > limit
                    || !notes.isEmpty()
                            && now - notes.values().iterator().next().at() > lifetime) {
                oldest.next();
                oldest.remove();
            }
            return notes;
        });
    }

    /** What was noted with a permit, which is then forgotten; 0 if nothing was. */
    long take(String organization, long generation, long number) {
        long[] bits = new long[1];
        ofOrganization.computeIfPresent(organization, (name, notes) -> {
            Noted noted = notes.remove(new Key(generation, number));
            bits[0] = noted == null ? 0 : noted.bits();
            return notes.isEmpty() ? null : notes;
        });
        return bits[0];
    }

    int size() {
        return ofOrganization.values().stream().mapToInt(Map::size).sum();
    }
}
