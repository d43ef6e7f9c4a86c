package dev.interlock.replay;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns of text below a header of two lines. Numbers are aligned right, names left; the rest of {@link #WIDTH}
 * becomes space between the columns.
 */
final class Table {
    static final int WIDTH = 100;

    /**
     * A column.
     *
     * @param over the header's upper line
     * @param under its lower line
     * @param left whether texts are aligned left
     * @param spans whether the upper line goes on over the next column, whose own is empty
     */
    private record Column(String over, String under, boolean left, boolean spans) {}

    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    Table names(String header) {
        columns.add(new Column("", header, true, false));
        return this;
    }

    Table numbers(String over, String under) {
        columns.add(new Column(over, under, false, false));
        return this;
    }

    /** Two columns below one word. */
    Table pair(String over, String firstUnder, String secondUnder) {
        columns.add(new Column(over, firstUnder, false, true));
        columns.add(new Column("", secondUnder, false, false));
        return this;
    }

    void row(List<String> cells) {
        rows.add(cells);
    }

    void print(PrintWriter out) {
        int[] widths = widths();
        int[] gaps = gaps(widths);
        StringBuilder over = new StringBuilder();
        StringBuilder under = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            Column column = columns.get(i);
            if (!isSpanned(i)) {
                int width = column.spans() ? widths[i] + gaps[i + 1] + widths[i + 1] : widths[i];
                append(over, gaps[i], column.over(), width, column.left());
            }
            append(under, gaps[i], column.under(), widths[i], column.left());
        }
        out.println(over.toString().stripTrailing());
        out.println(under.toString().stripTrailing());
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                append(line, gaps[i], row.get(i), widths[i], columns.get(i).left());
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private int[] widths() {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            Column column = columns.get(i);
            int width = Math.max(
                    column.under().length(), column.spans() ? 0 : column.over().length());
            for (List<String> row : rows) {
                width = Math.max(width, row.get(i).length());
            }
            widths[i] = width;
        }
        for (int i = 0; i + 1 < widths.length; i++) {
            if (columns.get(i).spans()) {
                widths[i] = Math.max(widths[i], columns.get(i).over().length() - widths[i + 1] - 1);
            }
        }
        return widths;
    }

    /**
     * The space before each column: one, and another one as long as there is room, first where a pair begins or ends.
     * Names in the last column may be long and need no room.
     */
    private int[] gaps(int[] widths) {
        int[] gaps = new int[widths.length];
        int room = WIDTH;
        for (int i = 0; i < widths.length; i++) {
            gaps[i] = i == 0 ? 0 : 1;
            room -= gaps[i]
                    + (i > 0 && columns.get(i).left() ? columns.get(i).under().length() : widths[i]);
        }
        for (int i = 1; i < widths.length && room > 0; i++) {
            if (columns.get(i).spans() || isSpanned(i - 1)) {
                gaps[i]++;
                room--;
            }
        }
        for (int i = 1; i < widths.length && room > 0; i++) {
            if (gaps[i] == 1 && !isSpanned(i)) {
                gaps[i]++;
                room--;
            }
        }
        return gaps;
    }

    private boolean isSpanned(int column) {
        return column > 0 && columns.get(column - 1).spans();
    }

    private static void append(StringBuilder line, int gap, String text, int width, boolean left) {
        line.append(" ".repeat(gap));
        String space = " ".repeat(Math.max(0, width - text.length()));
        line.append(left ? text + space : space + text);
    }
}
