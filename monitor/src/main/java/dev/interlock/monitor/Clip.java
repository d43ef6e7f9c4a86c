package dev.interlock.monitor;

import org.jspecify.annotations.Nullable;

/** Cuts long texts, and says so at the cut. */
final class Clip {
    /** Of what an agent's name, a run's id or an action may have. */
    static final int NAME = 256;

    /** Of summaries, messages and texts in metadata. */
    static final int TEXT = 2_000;

    static final int STACK_TRACE = 8_000;

    /** What is kept until a text is redacted: more than is sent, so that no secret is cut in two and then not known. */
    static final int CAPTURED = 16_000;

    private static final String START = "… [cut, ";
    private static final String END = " more characters]";
    private static final int LONGEST_MARK = START.length() + END.length() + 10;

    private Clip() {}

    /** At most this many characters and the mark; a text that has been cut already stays as it is. */
    static String to(int limit, String text) {
        if (text.length() <= limit || text.length() <= limit + LONGEST_MARK && text.endsWith(END)) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
        return text.substring(0, end) + START + (text.length() - end) + END;
    }

    /**
     * What of a text is kept until it is redacted. Of one that is too long the last word goes with the rest, and what may
     * be the first groups of a number: half a secret would not be known as one.
     */
    static @Nullable String captured(@Nullable String text) {
        if (text == null || text.length() <= CAPTURED) {
            return text;
        }
        int end = CAPTURED;
        while (end > CAPTURED / 2 && text.charAt(end - 1) > ' ') {
            end--;
        }
        end = end == CAPTURED / 2 ? CAPTURED : end;
        while (end > 0 && isNumberPart(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end) + START + (text.length() - end) + END;
    }

    private static boolean isNumberPart(char character) {
        return character <= ' ' || Letters.isDigit(character) || "+-.()/".indexOf(character) >= 0;
    }
}
