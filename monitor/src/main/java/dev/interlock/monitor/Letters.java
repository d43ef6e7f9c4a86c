package dev.interlock.monitor;

/** Kinds of characters, in ASCII unless it says otherwise; beyond a text's ends there is nothing, which is no kind. */
final class Letters {
    private static final char NOTHING = '\0';

    private Letters() {}

    static char at(String text, int index) {
        return index >= 0 && index < text.length() ? text.charAt(index) : NOTHING;
    }

    static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    static boolean isLower(char character) {
        return character >= 'a' && character <= 'z';
    }

    static boolean isUpper(char character) {
        return character >= 'A' && character <= 'Z';
    }

    static boolean isAlphanumeric(char character) {
        return isLower(character) || isUpper(character) || isDigit(character);
    }

    /** Also of other scripts. */
    static boolean isWordly(char character) {
        return character < 128 ? isAlphanumeric(character) : Character.isLetterOrDigit(character);
    }

    static boolean isBase64Url(char character) {
        return isAlphanumeric(character) || character == '-' || character == '_';
    }

    static boolean isBase64(char character) {
        return isAlphanumeric(character) || character == '+' || character == '/';
    }

    static boolean isQuote(char character) {
        return character == '"' || character == '\'' || character == '`';
    }

    static boolean isBlank(char character) {
        return character == ' ' || character == '\t';
    }

    static boolean isLineEnd(char character) {
        return character == '\n' || character == '\r';
    }

    /** Whether a character has no width and no meaning of its own. */
    static boolean isUnseen(char character) {
        return switch (character) {
            case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff' -> true;
            default -> false;
        };
    }

    /** A letter or digit as wide as an ideograph in its usual width; any other character as it is. */
    static char narrow(char character) {
        char usual = (char) (character - 0xfee0);
        return character >= '\uff01' && character <= '\uff5e' && (isAlphanumeric(usual) || usual == '_' || usual == '-')
                ? usual
                : character;
    }

    /** The end of a run of characters of a kind that starts at an index, but not beyond a limit. */
    static int runEnd(String text, int from, int limit, Kind kind) {
        int end = from;
        int last = Math.min(text.length(), limit);
        while (end < last && kind.has(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** A kind of characters. */
    @FunctionalInterface
    interface Kind {
        boolean has(char character);
    }
}
