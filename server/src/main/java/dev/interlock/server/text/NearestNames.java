package dev.interlock.server.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which of some names somebody may have meant: those that differ by few letters, the nearest first, and then those of
 * which the word is a part.
 */
public final class NearestNames {
    private static final int MOST = 5;
    private static final int LETTERS_A_SLIP = 4;
    private static final int MOST_SLIPS = 6;
    private static final int SHORTEST_PART = 3;
    private static final int BEGINS = 1_000;
    private static final int CONTAINS = 2_000;

    private record Near(String name, int distance) {}

    private NearestNames() {}

    /**
     * The nearest names. Takes a millisecond for a thousand names: for a worker.
     *
     * @param word what somebody wrote
     * @param names those that there are
     * @return at most five; none if none is near
     */
    public static List<String> of(String word, Stream<String> names) {
        String plain = word.toLowerCase(Locale.ROOT);
        int most = Math.min(MOST_SLIPS, 1 + plain.length() / LETTERS_A_SLIP);
        List<Near> near = new ArrayList<>();
        names.forEach(name -> {
            int distance = distance(plain, name.toLowerCase(Locale.ROOT), most);
            if (distance >= 0) {
                near.add(new Near(name, distance));
            }
        });
        return near.stream()
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(MOST)
                .map(Near::name)
                .toList();
    }

    /** How far a name is from the word; negative if it is not meant. */
    private static int distance(String plain, String name, int most) {
        if (Math.abs(name.length() - plain.length()) <= most) {
            int distance = Texts.distance(plain, name);
            if (distance <= most) {
                return distance;
            }
        }
        if (plain.length() < SHORTEST_PART) {
            return -1;
        }
        return name.startsWith(plain) ? BEGINS : name.contains(plain) ? CONTAINS : -1;
    }
}
