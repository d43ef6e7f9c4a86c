package dev.interlock.server.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Which of some names somebody may have meant: those that differ by few letters, the nearest first. */
public final class NearestNames {
    private static final int MOST = 5;
    private static final int LETTERS_A_SLIP = 4;
    private static final int MOST_SLIPS = 6;

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
            if (Math.abs(name.length() - plain.length()) <= most) {
                int distance = Texts.distance(plain, name.toLowerCase(Locale.ROOT));
                if (distance <= most) {
                    near.add(new Near(name, distance));
                }
            }
        });
        return near.stream()
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(MOST)
                .map(Near::name)
                .toList();
    }
}
