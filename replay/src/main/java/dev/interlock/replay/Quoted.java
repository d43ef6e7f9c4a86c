package dev.interlock.replay;

import dev.interlock.PrintableText;
import java.util.Locale;

/** A value of a file as a message shows it: in quotes, cut, and without anything that would move a terminal's cursor. */
final class Quoted {
    private static final int LONGEST = 60;

    private Quoted() {}

    static String of(String value) {
        StringBuilder shown = new StringBuilder("'");
        value.codePoints().limit(LONGEST).forEach(each -> append(shown, each));
        return shown.append(value.codePointCount(0, value.length()) > LONGEST ? "…'" : "'")
                .toString();
    }

    private static void append(StringBuilder shown, int codePoint) {
        if (!PrintableText.isPrintable(codePoint)) {
            shown.append(String.format(Locale.ROOT, "\\u%04x", codePoint));
        } else {
            shown.appendCodePoint(codePoint);
        }
    }
}
