package dev.interlock;

/**
 * A pattern of circuit names: {@code *} stands for any characters, also none; everything else for itself. The order is
 * by specificity: a name before a pattern, then more literal characters, then fewer stars, then the alphabet.
 * Immutable.
 *
 * @param text the pattern as people write it, 1 to 256 characters
 */
public record NamePattern(String text) implements Comparable<NamePattern>, java.io.Serializable {
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
     * Whether the pattern covers a name, in time linear in pattern times name at worst.
     *
     * @param name a circuit's name
     * @return true if all of the name fits the pattern
     */
    public boolean matches(String name) {
        int inName = 0;
        int inPattern = 0;
        int star = -1;
        int resume = 0;
        while (inName < name.length()) {
            if (inPattern < text.length() && text.charAt(inPattern) == '*') {
                star = inPattern++;
                resume = inName;
            } else if (inPattern < text.length() && text.charAt(inPattern) == name.charAt(inName)) {
                inPattern++;
                inName++;
            } else if (star >= 0) {
                inPattern = star + 1; // let the last star take one character more
                inName = ++resume;
            } else {
                return false;
            }
        }
        while (inPattern < text.length() && text.charAt(inPattern) == '*') {
            inPattern++;
        }
        return inPattern == text.length();
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
