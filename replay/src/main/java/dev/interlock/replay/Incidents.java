package dev.interlock.replay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * When something is known to have been broken, so that figures can be given inside and outside of it. A file of CSV with the columns
 * {@code start} and {@code end}; incidents may overlap and come in any order. Immutable.
 */
final class Incidents {
    /** Nothing is known. */
    static final Incidents NONE = new Incidents(List.of());

    private static final String START = "start";
    private static final String END = "end";
    private static final int MISTAKES_SHOWN = 5;

    /** From a time on, and until before another one, in nanoseconds since 1970. */
    private record Span(long start, long end) {}

    private final int count;

    /** Where incidents begin and end in turn, those that touch as one: inside is behind an odd number of borders. */
    private final long[] borders;

    private Incidents(List<Span> spans) {
        count = spans.size();
        List<Long> found = new ArrayList<>();
        spans.stream().sorted(Comparator.comparingLong(Span::start)).forEach(span -> {
            int last = found.size() - 1;
            if (last >= 0 && span.start <= found.get(last)) {
                found.set(last, Math.max(span.end, found.get(last)));
            } else {
                found.add(span.start);
                found.add(span.end);
            }
        });
        borders = found.stream().mapToLong(Long::longValue).toArray();
    }

    /** Reads a file, whose mistakes are all reported at once: a wrong incident would bend every figure. */
    static Incidents read(String name) throws ReplayException {
        try (InputStream in = Files.newInputStream(Path.of(name))) {
            return read(name, new Lines(in));
        } catch (InvalidPathException | IOException unreadable) {
            throw new ReplayException("--incidents = " + Quoted.of(name)
                    + ": cannot be read: must be a CSV file with the columns start and end");
        }
    }

    private static Incidents read(String name, Lines lines) throws IOException, ReplayException {
        CsvRow row = new CsvRow();
        List<String> mistakes = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        int start = -1;
        int end = -1;
        while (lines.next()) {
            if (lines.isBlank()) {
                continue;
            }
            long number = lines.number();
            try {
                row.read(lines);
                if (start < 0) {
                    List<String> header = row.texts(lines).stream()
                            .map(column -> column.trim().toLowerCase(Locale.ROOT))
                            .toList();
                    start = header.indexOf(START);
                    end = header.indexOf(END);
                    if (start < 0 || end < 0) {
                        throw new ReplayException(name + ":" + number + ": header = "
                                + Quoted.of(String.join(",", header)) + ": must name the columns start and end");
                    }
                } else {
                    spans.add(span(lines, row, start, end));
                }
            } catch (BadRowException wrong) {
                mistakes.add(name + ":" + number + ": " + wrong.getMessage());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ReplayException(shown(mistakes));
        }
        if (spans.isEmpty()) {
            throw new ReplayException(name + ": has no incident: must be CSV with the columns start and end");
        }
        return new Incidents(spans);
    }

    private static Span span(Lines lines, CsvRow row, int start, int end) throws BadRowException {
        byte[] bytes = lines.bytes();
        long from = Cells.time(START, bytes, row.from(start), row.to(start));
        long to = Cells.time(END, bytes, row.from(end), row.to(end));
        if (to <= from) {
            throw BadRowException.of(END, Cells.text(bytes, row.from(end), row.to(end)), "later than start");
        }
        return new Span(from, to);
    }

    private static String shown(List<String> mistakes) {
        int more = mistakes.size() - MISTAKES_SHOWN;
        String first = String.join("\n", mistakes.subList(0, Math.min(MISTAKES_SHOWN, mistakes.size())));
        return more <= 0 ? first : first + "\n… and " + more + (more == 1 ? " more mistake" : " more mistakes");
    }

    /** How many the file has. */
    int count() {
        return count;
    }

    /** Whether something was broken at that time, in nanoseconds since 1970: from a start on until before the end. */
    boolean cover(long time) {
        int low = 0;
        int high = borders.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (borders[middle] <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return (low & 1) == 1;
    }
}
