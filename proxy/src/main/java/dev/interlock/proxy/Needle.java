package dev.interlock.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A word that is looked for in bytes. Most bytes are never looked at: where the byte under the word's end is not in the word,
 * the word goes on by its whole length (Horspool, Practical fast searching in strings, 1980). Immutable.
 */
final class Needle {
    private static final int BYTES = 256;

    private final byte[] word;

    /** How far the word may go on, by the byte under its end. */
    private final int[] skip = new int[BYTES];

    /** A word of ASCII, at least one character long. */
    Needle(String text) {
        word = text.getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(skip, word.length);
        for (int i = 0; i < word.length - 1; i++) {
            skip[word[i] & 0xff] = word.length - 1 - i;
        }
    }

    int length() {
        return word.length;
    }

    boolean isIn(byte[] text) {
        return indexIn(text, 0, text.length) >= 0;
    }

    /** Where the word begins for the first time between two places; -1 if it is not whole there. */
    int indexIn(byte[] text, int from, int to) {
        int last = word.length - 1;
        for (int end = from + last; end < to; end += skip[text[end] & 0xff]) {
            if (text[end] == word[last] && begins(text, end - last)) {
                return end - last;
            }
        }
        return -1;
    }

    private boolean begins(byte[] text, int at) {
        for (int i = 0; i < word.length - 1; i++) {
            if (text[at + i] != word[i]) {
                return false;
            }
        }
        return true;
    }
}
