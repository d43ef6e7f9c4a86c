package dev.interlock.server.circuits;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which of a few known words somebody may have meant. The dashboard's {@code query.js} guesses in the same way. */
final class NearestWord {
    private static final int LETTERS_A_SLIP = 3;

    private NearestWord() {}

    /**
     * The most alike, the first of several.
     *
     * @param text what somebody wrote, in lower case
     * @param known the words that there are
     * @return null if none is near
     */
    static @Nullable String of(String text, Collection<String> known) {
        String nearest = null;
        int least = Math.max(1, text.length() / LETTERS_A_SLIP) + 1;
        for (String each : known) {
            String lower = each.toLowerCase(Locale.ROOT);
            int far = lower.startsWith(text) && text.length() > 1 ? 1 : distance(text, lower, least);
            if (far < least) {
                least = far;
                nearest = each;
            }
        }
        return nearest;
    }

    /** How many letters are to be changed, added, removed or swapped with their neighbours; or the limit, if it is not less. */
    private static int distance(String one, String other, int limit) {
        if (Math.abs(one.length() - other.length()) >= limit) {
            return limit;
        }
        int[] beforeLast = new int[other.length() + 1];
        int[] last = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                char letter = one.charAt(i - 1);
                int changed = last[j - 1] + (letter == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && letter == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[other.length()];
    }
}
