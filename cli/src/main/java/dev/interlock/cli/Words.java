package dev.interlock.cli;

import dev.interlock.PrintableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What commands print. */
final class Words {
    private static final String GAP = "  ";
    private static final char FIRST_STRONG_ISOLATE = '\u2068';
    private static final char POP_ISOLATE = '\u2069';

    private Words() {}

    /**
     * A text of others as a terminal may show it: nothing that cannot be seen reaches it, and what is written from right to
     * left is isolated, so that it turns nothing around it.
     */
    static String clean(String text) {
        String clean = PrintableText.masked(text, '?');
        boolean turns = clean.codePoints().anyMatch(Words::isRightToLeft);
        return turns ? FIRST_STRONG_ISOLATE + clean + POP_ISOLATE : clean;
    }

    private static boolean isRightToLeft(int codePoint) {
        return switch (Character.getDirectionality(codePoint)) {
            case Character.DIRECTIONALITY_RIGHT_TO_LEFT,
                    Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC,
                    Character.DIRECTIONALITY_ARABIC_NUMBER -> true;
            default -> false;
        };
    }

    /** How many places a text takes: the signs around what is isolated take none. */
    private static int width(String text) {
        return (int) text.codePoints()
                .filter(each -> each != FIRST_STRONG_ISOLATE && each != POP_ISOLATE)
                .count();
    }

    /** A time as short as it can be said: 42s, 3m, 5h, 2d. */
    static String shortly(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 7_200) {
            return seconds / 60 + "m";
        }
        return seconds < 172_800 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Lines with columns as wide as their widest cell; the first line is the head. */
    static List<String> table(List<List<String>> rows) {
        return table(rows, List.of());
    }

    /**
     * The same with colours.
     *
     * @param colours of each cell, or nothing for none; may have fewer rows
     */
    static List<String> table(List<List<String>> rows, List<List<String>> colours) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        List<String> lines = new ArrayList<>();
        for (int at = 0; at < rows.size(); at++) {
            List<String> row = rows.get(at);
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = row.get(i);
                String colour = at < colours.size() ? colours.get(at).get(i) : "";
                line.append(colour)
                        .append(cell)
                        .append(colour.isEmpty() ? "" : Terminal.PLAIN)
                        .append(" ".repeat(widths[i] - width(cell)))
                        .append(GAP);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
