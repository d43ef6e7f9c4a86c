package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** How a command prints a list; the same options at each of them. */
final class ListOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            converter = FormatConverter.class,
            completionCandidates = Candidates.Formats.class,
            description = "table (if nothing is said), wide (more columns), json, or name (names only)")
    private @Nullable Format format;

    @Option(names = "--json", description = "the server's answer as it is, like -o json")
    private boolean json;

    @Option(names = "--limit", paramLabel = "N", description = "at most this many; 0 for all")
    private @Nullable Integer limit;

    /** What was asked for. */
    Format format() {
        if (json && format != null && format != Format.JSON) {
            throw new ParameterException(
                    spec.commandLine(), "--json and -o " + Words.lower(format) + ": only one of them can be given");
        }
        return json ? Format.JSON : format == null ? Format.TABLE : format;
    }

    /** Whether it is for people to read. */
    boolean isForPeople() {
        return format() == Format.TABLE || format() == Format.WIDE;
    }

    /**
     * How many rows at most; 0 for all.
     *
     * @param usual if nothing is said
     */
    int limit(int usual) {
        if (limit != null && limit < 0) {
            throw new ParameterException(spec.commandLine(), "--limit = " + limit + ": must be 0 or more");
        }
        return limit == null ? usual : limit;
    }

    /** No more rows than were asked for. */
    <T> List<T> limited(List<T> rows, int usual) {
        int most = limit(usual);
        return most == 0 || rows.size() <= most ? rows : rows.subList(0, most);
    }

    /**
     * Prints a list.
     *
     * @param answer what {@code -o json} prints
     * @param rows of the list
     * @param listing its columns
     * @param none what people are shown in place of an empty table
     */
    void print(PrintWriter out, JsonNode answer, Iterable<JsonNode> rows, Listing listing, String none) {
        switch (format()) {
            case JSON -> out.println(answer.toPrettyString());
            case NAME -> listing.names(rows).forEach(out::println);
            case TABLE, WIDE -> {
                if (rows.iterator().hasNext()) {
                    listing.lines(rows, format() == Format.WIDE, Terminal.hasColours())
                            .forEach(out::println);
                } else {
                    out.println(none);
                }
            }
        }
    }

    /** The names as they are typed. */
    static final class FormatConverter implements ITypeConverter<Format> {
        @Override
        public Format convert(String value) {
            for (Format each : Format.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return each;
                }
            }
            throw new TypeConversionException("'" + value + "': must be table, wide, json or name");
        }
    }
}
