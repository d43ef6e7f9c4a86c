package dev.interlock.replay;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** A file of calls, or standard input, opened: plain or gzip, CSV or NDJSON, distinguished by how it begins. */
final class CallFile implements Closeable {
    static final String STANDARD_INPUT = "-";
    private static final int GZIP_BUFFER = 1 << 16;

    private final String name;
    private final long size;
    private final Counting bytes;
    private final InputStream content;

    private CallFile(String name, long size, InputStream raw) throws IOException {
        this.name = name;
        this.size = size;
        this.bytes = new Counting(raw);
        this.content = plain(bytes);
    }

    static CallFile open(String name, InputStream standardInput) throws IOException, ReplayException {
        if (name.equals(STANDARD_INPUT)) {
            return new CallFile("(standard input)", -1, standardInput);
        }
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
            throw new ReplayException(name + ": is a folder: must be a file of calls, or - for standard input");
        }
        InputStream raw;
        try {
            raw = Files.newInputStream(path);
        } catch (NoSuchFileException missing) {
            throw new ReplayException(
                    name + ": there is no such file: must be a file of calls, or - for standard input");
        } catch (AccessDeniedException denied) {
            throw new ReplayException(name + ": may not be read: must be a file that you may read");
        }
        try {
            return new CallFile(name, Files.isRegularFile(path) ? Files.size(path) : -1, raw);
        } catch (IOException unreadable) {
            raw.close();
            throw unreadable;
        }
    }

    /** How messages call it. */
    String name() {
        return name;
    }

    /** In bytes as they lie on the disk, or -1 where nobody knows. */
    long size() {
        return size;
    }

    /** How many of these bytes have been read. */
    long position() {
        return bytes.count;
    }

    CallReader reader(By by, Names names, boolean guarded) throws IOException, ReplayException {
        Lines lines = new Lines(content);
        do {
            if (!lines.next()) {
                throw new ReplayException(name + ": is empty: must hold CSV with a header, or NDJSON");
            }
        } while (lines.isBlank());
        if (lines.isTooLong()) {
            throw new ReplayException(name + ":" + lines.number() + ": the line is too long: must be at most "
                    + Lines.LONGEST + " bytes");
        }
        return switch (firstCharacter(lines)) {
            case '{' -> jsonReader(lines, by, names, guarded);
            case '[' ->
                throw new ReplayException(name + ":" + lines.number()
                        + ": is a JSON array: must be NDJSON, one object a line (jq -c '.[]' makes it so)");
            default -> new CsvReader(name, lines, by, names);
        };
    }

    /** By the names in the first object. */
    private static CallReader jsonReader(Lines lines, By by, Names names, boolean guarded) {
        Set<String> first = JsonLine.names(lines);
        if (first.contains("resourceSpans")) {
            return new OtlpReader(lines, by, names, guarded);
        }
        boolean isTranscript = first.contains("type") && !first.contains("time") && !first.contains("action_type");
        return isTranscript ? new TranscriptReader(lines, by, names) : new JsonReader(lines, by, names, guarded);
    }

    @Override
    public void close() throws IOException {
        content.close();
    }

    private static char firstCharacter(Lines lines) {
        int at = lines.from();
        while (lines.bytes()[at] == ' ' || lines.bytes()[at] == '\t') {
            at++;
        }
        return (char) lines.bytes()[at];
    }

    /** Unpacks gzip and drops a byte order mark. */
    private static InputStream plain(InputStream raw) throws IOException {
        PushbackInputStream packed = new PushbackInputStream(raw, 3);
        byte[] first = packed.readNBytes(2);
        packed.unread(first);
        boolean isGzip = first.length == 2 && first[0] == (byte) 0x1f && first[1] == (byte) 0x8b;
        PushbackInputStream content =
                isGzip ? new PushbackInputStream(new GZIPInputStream(packed, GZIP_BUFFER), 3) : packed;
        byte[] mark = content.readNBytes(3);
        if (mark.length < 3 || mark[0] != (byte) 0xef || mark[1] != (byte) 0xbb || mark[2] != (byte) 0xbf) {
            content.unread(mark);
        }
        return content;
    }

    private static final class Counting extends FilterInputStream {
        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
