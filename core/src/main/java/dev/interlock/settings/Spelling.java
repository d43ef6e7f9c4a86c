package dev.interlock.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How names are written: in files as in Java, and what a misspelt one was meant to be. */
final class Spelling {
    /** Levenshtein's distance that is still a slip. */
    private static final int SLIP = 2;

    /** What is longer is no slip of a name; it is not compared, since it may be as long as a request. */
    private static final int LONGEST = 64;

    /** A name of several words as Java writes it. */
    private static final Pattern CAMEL_CASE = Pattern.compile("\\b[a-z]+(?:[A-Z][a-z]*)+\\b");

    private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

    private Spelling() {}

    /** A sentence on settings of Java with the names that files and requests have: {@code failure_threshold}. */
    static String inFiles(String sentence) {
        return CAMEL_CASE
                .matcher(sentence)
                .replaceAll(name -> CAPITAL.matcher(name.group())
                        .replaceAll(letter -> "_" + letter.group().toLowerCase(Locale.ROOT)));
    }

    /** The known name that differs least, by no more than two letters (case, hyphens and underscores aside), or null. */
    static @Nullable String nearest(String word, Collection<String> known) {
        if (word.length() > LONGEST) {
            return null;
        }
        String nearest = null;
        int least = SLIP + 1;
        for (String each : known) {
            int distance = distance(plain(word), plain(each));
            if (distance < least) {
                least = distance;
                nearest = each;
            }
        }
        return nearest;
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }

    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
