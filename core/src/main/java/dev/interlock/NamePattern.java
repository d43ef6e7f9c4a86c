package dev.interlock;

/**
 * A pattern of circuit names: {@code *} stands for any characters, also none; everything else for itself. The order is
 * by specificity: a name before a pattern, then more literal characters, then fewer stars, then the alphabet.
 * Immutable.
 *
 * @param text the pattern as people write it, 1 to 256 characters
 */
@Beta
public record NamePattern(String text) implements Comparable<NamePattern>, java.io.Serializable {
    private static final int[] NO_BORDERS = {0};

    /**
     * Checks the pattern.
     *
     * @throws IllegalArgumentException if it is blank or too long
     */
    public NamePattern {
        if (text.isBlank()) {
            throw new IllegalArgumentException("A pattern must not be empty; '*' stands for every name");
        }
        if (text.length() > 256) {
            throw new IllegalArgumentException(
                    "A pattern may have at most 256 characters, but this one has " + text.length());
        }
    }

    /**
     * Whether the pattern covers a name, in time linear in pattern plus name.
     *
     * @param name a circuit's name
     * @return true if all of the name fits the pattern
     */
    public boolean matches(String name) {
        int first = text.indexOf('*');
        if (first < 0) {
            return text.equals(name);
        }
        int last = text.lastIndexOf('*');
        int end = name.length() - (text.length() - last - 1);
        if (end < first
                || !name.startsWith(text.substring(0, first))
                || !name.startsWith(text.substring(last + 1), end)) {
            return false;
        }
        int at = first;
        for (int star = first; star < last && at >= 0; ) {
            int next = text.indexOf('*', star + 1);
            at = endOf(text.substring(star + 1, next), name, at, end);
            star = next;
        }
        return at >= 0;
    }

    /**
     * Where the first occurrence of a part in a stretch of a name ends, or -1. By Knuth, Morris and Pratt: a part of many like
     * letters in a name of many like letters is looked for in linear time, too.
     */
    private static int endOf(String part, String name, int from, int to) {
        int[] borders = part.length() > 1 ? borders(part) : NO_BORDERS;
        int matched = 0;
        for (int at = from; at < to && matched < part.length(); at++) {
            matched = matched(part, borders, matched, name.charAt(at));
            if (matched == part.length()) {
                return at + 1;
            }
        }
        return part.isEmpty() ? from : -1;
    }

    /** Of each beginning of a part, how long the longest of its ends is that the part begins with. */
    private static int[] borders(String part) {
        int[] borders = new int[part.length()];
        for (int at = 1; at < part.length(); at++) {
            borders[at] = matched(part, borders, borders[at - 1], part.charAt(at));
        }
        return borders;
    }

    /** How much of a part matches after one more letter, if so much matched before it. */
    private static int matched(String part, int[] borders, int before, char letter) {
        int matched = before;
        while (matched > 0 && part.charAt(matched) != letter) {
            matched = borders[matched - 1];
        }
        return part.charAt(matched) == letter ? matched + 1 : 0;
    }

    @Override
    public int compareTo(NamePattern other) {
        int byKind = Boolean.compare(stars() > 0, other.stars() > 0);
        if (byKind != 0) {
            return byKind;
        }
        int byLiterals = Integer.compare(other.text.length() - other.stars(), text.length() - stars());
        if (byLiterals != 0) {
            return byLiterals;
        }
        int byStars = Integer.compare(stars(), other.stars());
        return byStars != 0 ? byStars : text.compareTo(other.text);
    }

    private int stars() {
        return (int) text.chars().filter(c -> c == '*').count();
    }
}
