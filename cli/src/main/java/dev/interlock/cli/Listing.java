package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The columns of a list. Those that are wide are shown on request; a column may colour its cells, and nothing else. */
final class Listing {
    /** The text of an empty cell. */
    static final String NONE = "-";

    private record Column(
            String head, boolean wide, Function<JsonNode, String> cell, Function<JsonNode, String> colour) {}

    private final String name;
    private final List<Column> columns = new ArrayList<>();

    private Listing(String name) {
        this.name = name;
    }

    /**
     * A list without columns yet.
     *
     * @param name the field of a row that {@code -o name} prints
     */
    static Listing named(String name) {
        return new Listing(name);
    }

    Listing column(String head, Function<JsonNode, String> cell) {
        return add(new Column(head, false, cell, row -> ""));
    }

    Listing wide(String head, Function<JsonNode, String> cell) {
        return add(new Column(head, true, cell, row -> ""));
    }

    /**
     * A column with colours.
     *
     * @param colour of a row's cell, such as {@link Terminal#RED}, or nothing
     */
    Listing coloured(String head, Function<JsonNode, String> cell, Function<JsonNode, String> colour) {
        return add(new Column(head, false, cell, colour));
    }

    private Listing add(Column column) {
        columns.add(column);
        return this;
    }

    /** A field as text that a terminal can show, or {@link #NONE}. */
    static String text(JsonNode row, String field) {
        JsonNode value = row.path(field);
        return value.isMissingNode() || value.isNull() || value.asText().isEmpty() ? NONE : Words.clean(value.asText());
    }

    /** The rows' names, a line each. */
    List<String> names(Iterable<JsonNode> rows) {
        List<String> names = new ArrayList<>();
        rows.forEach(row -> names.add(PrintableText.masked(row.path(name).asText(), '?')));
        return names;
    }

    /** The head, and a line a row. */
    List<String> lines(Iterable<JsonNode> rows, boolean wide, boolean colours) {
        List<Column> shown = columns.stream().filter(each -> wide || !each.wide).toList();
        List<List<String>> cells = new ArrayList<>();
        List<List<String>> colour = new ArrayList<>();
        cells.add(shown.stream().map(each -> each.head).toList());
        colour.add(shown.stream().map(each -> "").toList());
        for (JsonNode row : rows) {
            cells.add(shown.stream().map(each -> each.cell.apply(row)).toList());
            colour.add(shown.stream()
                    .map(each -> colours ? each.colour.apply(row) : "")
                    .toList());
        }
        return Words.table(cells, colour);
    }
}
