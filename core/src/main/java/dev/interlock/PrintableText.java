package dev.interlock;

import java.util.Locale;

/**
 * The one rule for the characters of a name, a reason, or any other text that people read in a line: no control
 * characters, no line or paragraph separators, no format characters (which turn the direction of writing, join, or have
 * no width), and no half of a character. Such a text looks the same on every page, terminal and line of a log.
 */
@Beta
public final class PrintableText {
    private PrintableText() {}

    /**
     * Where a text stops being printable.
     *
     * @param text any text
     * @return the index of the first character that is not printable; -1 if all are
     */
    public static int unprintableAt(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character >= ' ' && character < 0x7f) {
                continue;
            }
            int point = Character.codePointAt(text, i);
            if (!isPrintable(point)) {
                return i;
            }
            i += Character.charCount(point) - 1;
        }
        return -1;
    }

    /**
     * Whether such a text may have a character.
     *
     * @param codePoint a character
     * @return false for controls, separators of lines and paragraphs, format characters and halves of characters
     */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    /**
     * The character at an index, in words.
     *
     * @param text a text
     * @param index where it is not printable
     * @return for example {@code U+202E at position 3}
     */
    public static String describe(CharSequence text, int index) {
        return String.format(Locale.ROOT, "U+%04X at position %d", Character.codePointAt(text, index), index);
    }

    /**
     * A text with a sign in the place of each character that is not printable, for texts that must be shown anyway.
     *
     * @param text any text
     * @param sign what stands for a character that is not printable
     * @return the text itself if all of it is printable
     */
    public static String masked(String text, char sign) {
        int from = unprintableAt(text);
        if (from < 0) {
            return text;
        }
        StringBuilder masked = new StringBuilder(text.length()).append(text, 0, from);
        text.substring(from)
                .codePoints()
                .map(point -> isPrintable(point) ? point : sign)
                .forEach(masked::appendCodePoint);
        return masked.toString();
    }
}
