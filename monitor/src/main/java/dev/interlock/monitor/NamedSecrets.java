package dev.interlock.monitor;

import dev.interlock.monitor.SensitiveNames.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Values whose name says that they are secret: {@code password=…}, {@code "api_key": "…"}, {@code Authorization: …},
 * {@code --token …}, {@code <secret>…</secret>}.
 *
 * <p>The search starts at the character between name and value. It looks a bounded way back for the name, and forward
 * over nothing that it does not take out, so that a text is read once.
 */
final class NamedSecrets {
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_GAP = 8;
    private static final int LONGEST_NUMBER = 32;

    private NamedSecrets() {}

    /** Looks for a name before and a value after the {@code =}, {@code :} or {@code >} at an index. */
    static boolean find(String text, int index, Finding finding) {
        char separator = text.charAt(index);
        int nameEnd = nameEnd(text, index, finding.floor());
        int nameStart = nameStart(text, nameEnd, finding.floor());
        if (nameStart == nameEnd || separator == '>' && Letters.at(text, nameStart - 1) != '<') {
            return false;
        }
        Kind kind = kind(text, nameStart, nameEnd, finding.floor());
        if (kind == null) {
            return false;
        }
        int from = index + 1;
        if (separator == '>') {
            int close = text.indexOf('<', from);
            return take(text, from, close < 0 ? text.length() : close, kind, finding);
        }
        from = Letters.runEnd(text, from, from + 2, each -> each == '=' || each == '>');
        from = Letters.runEnd(text, from, from + LONGEST_GAP, Letters::isBlank);
        return value(text, from, index - nameEnd > 0 && Letters.isQuote(Letters.at(text, index - 1)), kind, finding);
    }

    /** Looks for a name before and a value after an equals sign or colon that is percent-encoded, once or twice. */
    static boolean encoded(String text, int index, Finding finding) {
        int digits = text.startsWith("%25", index) ? index + 3 : index + 1;
        if (!text.regionMatches(true, digits, "3D", 0, 2) && !text.regionMatches(true, digits, "3A", 0, 2)) {
            return false;
        }
        int nameStart = nameStart(text, index, finding.floor());
        Kind kind = nameStart == index ? null : kind(text, nameStart, index, finding.floor());
        if (kind == null || kind.isNumber()) {
            return false;
        }
        int from = digits + 2;
        int end = from;
        while (end < text.length()
                && !endsWord(text, end, false)
                && !text.startsWith("%26", end)
                && !text.startsWith("%2526", end)) {
            end++;
        }
        return !text.startsWith(Labels.START, from) && take(text, from, end, Kind.SECRET, finding);
    }

    /** Looks for {@code --name value} at the first hyphen. */
    static boolean option(String text, int index, Finding finding) {
        if (!text.startsWith("--", index) || Letters.isWordly(Letters.at(text, index - 1))) {
            return false;
        }
        int start = index + 2;
        int end = Letters.runEnd(text, start, start + LONGEST_NAME, NamedSecrets::isNamePart);
        int value = Letters.runEnd(text, end, end + LONGEST_GAP, Letters::isBlank);
        if (end == start || value == end || Letters.at(text, value) == '-') {
            return false;
        }
        Kind kind = SensitiveNames.kind(text.substring(start, end));
        return kind != null && value(text, value, false, kind == Kind.LINE ? Kind.SECRET : kind, finding);
    }

    private static boolean value(String text, int from, boolean quotedName, Kind kind, Finding finding) {
        if (text.startsWith(Labels.START, from)) {
            return false;
        }
        int quote = Letters.runEnd(text, from, from + LONGEST_GAP, each -> each == '\\');
        char first = Letters.at(text, quote);
        if (Letters.isQuote(first)) {
            return take(text, quote + 1, closingQuote(text, quote + 1, first, quote - from), kind, finding);
        }
        if (first == '{' || first == '[') {
            return kind == Kind.SECRET && take(text, from, closingBracket(text, quote), kind, finding);
        }
        if (first == '/' && Letters.at(text, quote + 1) == '/') {
            return false; // a URL's scheme
        }
        if (kind == Kind.LINE) {
            return take(text, from, lineEnd(text, from), kind, finding);
        }
        if (kind.isNumber()) {
            return take(
                    text,
                    from,
                    Letters.runEnd(text, from, from + LONGEST_NUMBER, NamedSecrets::isNumberPart),
                    kind,
                    finding);
        }
        return take(text, from, wordEnd(text, from, quotedName), kind, finding);
    }

    private static boolean take(String text, int from, int to, Kind kind, Finding finding) {
        int end = to;
        if (kind.isNumber()) {
            while (end > from && !Letters.isDigit(text.charAt(end - 1))) {
                end--;
            }
        }
        if (end <= from
                || end - from < 32 && isNoSecret(text.substring(from, end).trim())) {
            return false;
        }
        return (!kind.isNumber() || kind.fits(text.substring(from, Math.min(end, from + LONGEST_NUMBER))))
                && finding.is(from, end, kind.label());
    }

    /** Words in the place of a value that say that there is none. */
    private static boolean isNoSecret(String value) {
        int end = value.length();
        while (end > 0 && ",.)}]".indexOf(value.charAt(end - 1)) >= 0) {
            end--;
        }
        return switch (value.substring(0, end)) {
            case "",
                    "null",
                    "true",
                    "false",
                    "none",
                    "None",
                    "True",
                    "False",
                    "undefined",
                    "nil",
                    "***",
                    "[",
                    "{",
                    "Bearer",
                    "bearer",
                    "Basic",
                    "basic" -> true;
            default -> false;
        };
    }

    private static @Nullable Kind kind(String text, int start, int end, int floor) {
        char before = Letters.at(text, start - 1);
        if ((before == '?' || before == '&') && text.substring(start, end).equals("key")) {
            return Kind.SECRET; // of an address
        }
        Kind kind = SensitiveNames.kind(text.substring(start, end));
        int previousEnd = start - 1;
        if (previousEnd <= floor || text.charAt(previousEnd) != ' ') {
            return kind;
        }
        int previousStart = nameStart(text, previousEnd, floor);
        return previousStart == previousEnd ? kind : SensitiveNames.kind(text.substring(previousStart, end));
    }

    /** Back over blanks, quotes and brackets between a name and its separator. */
    private static int nameEnd(String text, int separator, int floor) {
        int end = separator;
        while (end > floor && separator - end < LONGEST_GAP && isAroundName(text, end - 1)) {
            end--;
        }
        return end;
    }

    private static int nameStart(String text, int end, int floor) {
        int start = end;
        while (start > floor && end - start < LONGEST_NAME && isNamePart(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private static boolean isAroundName(String text, int index) {
        char character = text.charAt(index);
        return Letters.isBlank(character)
                || Letters.isQuote(character)
                || character == '\\'
                || character == ']' && Letters.isQuote(Letters.at(text, index - 1));
    }

    /** Also in letters as wide as ideographs, and with characters between that nobody sees. */
    private static boolean isNamePart(char character) {
        return Letters.isBase64Url(character)
                || character == '.'
                || Letters.isUnseen(character)
                || Letters.narrow(character) != character;
    }

    private static boolean isNumberPart(char character) {
        return Letters.isDigit(character) || " ()+-./".indexOf(character) >= 0;
    }

    /** A quote of the same kind behind no more backslashes than the opening one; else the end of the text. */
    private static int closingQuote(String text, int from, char quote, int backslashes) {
        int behind = 0;
        for (int i = from; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == quote && behind <= backslashes) {
                return i - behind;
            }
            behind = character == '\\' ? behind + 1 : 0;
        }
        return text.length();
    }

    private static int closingBracket(String text, int from) {
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '{' || character == '[') {
                depth++;
            } else if ((character == '}' || character == ']') && --depth == 0) {
                return i + 1;
            }
        }
        return text.length();
    }

    private static int lineEnd(String text, int from) {
        return Letters.runEnd(
                text, from, text.length(), each -> !Letters.isLineEnd(each) && each != '"' && each != '\'');
    }

    /** The end of a word; with {@code Bearer} and its like, of the next one. */
    private static int wordEnd(String text, int from, boolean quotedName) {
        int end = plainWordEnd(text, from, quotedName);
        String word = end - from < 10 ? text.substring(from, end) : "";
        boolean scheme =
                word.equalsIgnoreCase("bearer") || word.equalsIgnoreCase("basic") || word.equalsIgnoreCase("token");
        int next = scheme ? Letters.runEnd(text, end, end + LONGEST_GAP, Letters::isBlank) : end;
        return next > end ? plainWordEnd(text, next, quotedName) : end;
    }

    private static int plainWordEnd(String text, int from, boolean quotedName) {
        int end = from;
        while (end < text.length() && !endsWord(text, end, quotedName)) {
            end++;
        }
        return end;
    }

    private static boolean endsWord(String text, int index, boolean quotedName) {
        char character = text.charAt(index);
        if (character <= ' ' || character == '&' || character == ';') {
            return true;
        }
        if (Letters.isQuote(character)) {
            return !Letters.isWordly(Letters.at(text, index + 1));
        }
        return quotedName && (character == ',' || character == '}' || character == ']');
    }
}
