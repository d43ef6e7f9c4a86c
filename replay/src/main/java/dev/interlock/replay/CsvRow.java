package dev.interlock.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The fields of a line of CSV after RFC 4180, as slices of the buffer; a quoted one may go on over further lines.
 *
 * <p>Spaces around a field without quotes are no part of it. A quote that never ends makes one bad row and not a lost
 * file: the lines behind it are read as rows of their own.
 */
final class CsvRow {
    private int[] from = new int[16];
    private int[] to = new int[16];
    private int count;

    /** Takes the present line apart. */
    void read(Lines lines) throws BadRowException, IOException {
        count = 0;
        int at = 0; // counted from the line's beginning, which moves when the buffer is filled
        while (true) {
            at = lines.from() + at < lines.to() && lines.bytes()[lines.from() + at] == '"'
                    ? quoted(lines, at)
                    : plain(lines, at);
            if (lines.from() + at >= lines.to()) {
                break;
            }
            at++; // the comma; a field follows, even if it is empty
        }
        for (int i = 0; i < count; i++) {
            from[i] += lines.from();
            to[i] += lines.from();
        }
    }

    int count() {
        return count;
    }

    int from(int field) {
        return field < count ? from[field] : 0;
    }

    int to(int field) {
        return field < count ? to[field] : 0;
    }

    List<String> texts(Lines lines) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(Cells.text(lines.bytes(), from[i], to[i]));
        }
        return texts;
    }

    private int plain(Lines lines, int begin) {
        byte[] bytes = lines.bytes();
        int offset = lines.from();
        int end = offset + begin;
        int stop = lines.to();
        while (end < stop && bytes[end] != ',') {
            end++;
        }
        int first = offset + begin;
        int last = end;
        while (first < last && bytes[first] == ' ') {
            first++;
        }
        while (last > first && bytes[last - 1] == ' ') {
            last--;
        }
        add(first - offset, last - offset);
        return end - offset;
    }

    /** Doubled quotes are made single in place: what is left is never longer. */
    private int quoted(Lines lines, int begin) throws BadRowException, IOException {
        int end = endOfQuoted(lines, begin + 1);
        byte[] bytes = lines.bytes();
        int offset = lines.from();
        int write = offset + begin + 1;
        for (int read = write; read < offset + end; read++) {
            bytes[write++] = bytes[read];
            if (bytes[read] == '"') {
                read++;
            }
        }
        add(begin + 1, write - offset);
        int after = end + 1;
        while (offset + after < lines.to() && bytes[offset + after] == ' ') {
            after++;
        }
        if (offset + after < lines.to() && bytes[offset + after] != ',') {
            throw new BadRowException("field " + count + " = "
                    + Quoted.of(Cells.text(bytes, offset + begin, lines.to()))
                    + ": must end with its closing quote; a quote inside it must be doubled");
        }
        return after;
    }

    private int endOfQuoted(Lines lines, int begin) throws BadRowException, IOException {
        int at = begin;
        while (true) {
            byte[] bytes = lines.bytes();
            int offset = lines.from();
            for (; offset + at < lines.to(); at++) {
                if (bytes[offset + at] == '"') {
                    if (offset + at + 1 < lines.to() && bytes[offset + at + 1] == '"') {
                        at++;
                    } else {
                        return at;
                    }
                }
            }
            at = lines.to() - lines.from() + 1; // behind the line's end, which belongs to the field
            if (!lines.join()) {
                String text = Quoted.of(firstLine(lines, begin - 1));
                lines.separate();
                throw new BadRowException("field " + (count + 1) + " = " + text + ": must end with a closing quote");
            }
        }
    }

    /** The text from a place on to the end of its line, of several lines that were joined. */
    private static String firstLine(Lines lines, int begin) {
        byte[] bytes = lines.bytes();
        int first = lines.from() + begin;
        int last = first;
        while (last < lines.to() && bytes[last] != '\n' && bytes[last] != '\r') {
            last++;
        }
        return Cells.text(bytes, first, last);
    }

    private void add(int first, int last) {
        if (count == from.length) {
            from = Arrays.copyOf(from, count * 2);
            to = Arrays.copyOf(to, count * 2);
        }
        from[count] = first;
        to[count] = last;
        count++;
    }
}
