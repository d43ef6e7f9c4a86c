package dev.interlock.server.text;

import dev.interlock.PrintableText;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What callers and files say, made fit to be shown back to them, and guesses at what they meant. */
public final class Texts {
    private static final int SHOWN = 80;
    private static final int SENTENCE = 500;
    private static final int LONGEST_GUESSED = 64;

    /** Levenshtein's distance that is still a slip. */
    private static final int SLIP = 2;

    private Texts() {}

    /**
     * A value as a message shows it: one line, of printable characters, without credentials, and cut where it is long.
     *
     * @param value what somebody wrote
     * @return at most 81 characters
     */
    public static String shown(String value) {
        return shown(value, SHOWN);
    }

    /**
     * A sentence that may quote a value, made fit as {@link #shown(String)} does.
     *
     * @param sentence what is to be said
     * @return at most 501 characters
     */
    public static String sentence(String sentence) {
        return shown(sentence, SENTENCE);
    }

    private static String shown(String written, int most) {
        String value = PrintableText.masked(Secrets.hidden(written), '\uFFFD');
        StringBuilder shown = new StringBuilder(Math.min(value.length(), most) + 1);
        for (int i = 0; i < value.length(); i++) {
            if (i == most) {
                return shown.append('…').toString();
            }
            char c = value.charAt(i);
            shown.append(Character.isSurrogate(c) ? '\uFFFD' : c);
        }
        return shown.toString();
    }

    /**
     * What a misspelt name was meant to be.
     *
     * @param word what somebody wrote
     * @param known the names that there are
     * @return {@code "; did you mean 'x'?"} for the name that differs by no more than two letters (case, hyphens and
     *     underscores aside), else nothing
     */
    public static String guess(String word, Collection<String> known) {
        String nearest = word.length() > LONGEST_GUESSED ? null : nearest(word, known);
        return nearest == null ? "" : "; did you mean '" + nearest + "'?";
    }

    private static @Nullable String nearest(String word, Collection<String> known) {
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

    static int distance(String one, String other) {
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
