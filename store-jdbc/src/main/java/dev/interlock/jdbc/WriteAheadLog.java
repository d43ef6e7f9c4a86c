package dev.interlock.jdbc;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead log of an SQLite file, looked at before SQLite does: that reads it up to the first frame whose checksum
 * is wrong and forgets the rest without a word, which is right for a transaction that a crash cut off and wrong for a
 * damaged file. What distinguishes them: each transaction is synced before the next begins, so a wrong frame with a whole
 * transaction <em>and</em> more behind it was once right. In the last transaction a damage looks like a crash.
 *
 * <p>The format is described in "Database File Format", section 4, of SQLite's documentation.
 */
final class WriteAheadLog {
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int MAGIC = 0x377f0682;
    private static final int LARGEST_PAGE = 65_536;

    private final InputStream in;
    private final ByteOrder order;
    private final int pageSize;
    private final int salt1;
    private final int salt2;
    private int sum1;
    private int sum2;

    private WriteAheadLog(InputStream in, ByteBuffer header) {
        this.in = in;
        this.order = (header.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        this.pageSize = header.getInt(8);
        this.salt1 = header.getInt(16);
        this.salt2 = header.getInt(20);
    }

    /**
     * What is wrong with the log, or null if SQLite may read it.
     *
     * @param file the log, which may be missing
     * @param isNeeded whether its process ended without closing the database after it had committed something
     */
    static @Nullable String problem(Path file, boolean isNeeded) throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            return isNeeded
                    ? "its write-ahead log " + file + " is gone or empty, and with it what was stored last"
                    : null;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), LARGEST_PAGE)) {
            ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER));
            if (!isHeader(header)) {
                boolean torn = !isNeeded && isZero(header);
                return torn ? null : "its write-ahead log " + file + " does not begin as one does";
            }
            WriteAheadLog log = new WriteAheadLog(in, header);
            log.sum(header, 0, HEADER - 8);
            return log.isDamaged() ? "its write-ahead log " + file + " is damaged in the middle" : null;
        }
    }

    private static boolean isHeader(ByteBuffer header) {
        if (header.limit() < HEADER || (header.getInt(0) & ~1) != MAGIC) {
            return false;
        }
        int page = header.getInt(8);
        if (page < 512 || page > LARGEST_PAGE || Integer.bitCount(page) != 1) {
            return false;
        }
        WriteAheadLog log = new WriteAheadLog(InputStream.nullInputStream(), header);
        log.sum(header, 0, HEADER - 8);
        return log.sum1 == header.getInt(HEADER - 8) && log.sum2 == header.getInt(HEADER - 4);
    }

    private static boolean isZero(ByteBuffer header) {
        for (int i = 0; i < header.limit(); i++) {
            if (header.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isDamaged() throws IOException {
        boolean wrongSeen = false;
        boolean committedSince = false;
        while (true) {
            ByteBuffer frame = ByteBuffer.wrap(in.readNBytes(FRAME_HEADER + pageSize));
            if (frame.limit() < FRAME_HEADER + pageSize || frame.getInt(8) != salt1 || frame.getInt(12) != salt2) {
                return false; // the end, or what an earlier round of the log left behind
            }
            sum(frame, 0, 8);
            sum(frame, FRAME_HEADER, pageSize);
            boolean right = sum1 == frame.getInt(16) && sum2 == frame.getInt(20);
            if (right && committedSince) {
                return true;
            }
            wrongSeen |= !right;
            committedSince |= wrongSeen && frame.getInt(4) != 0;
            sum1 = frame.getInt(16); // the next frame's sum goes on from what is written here
            sum2 = frame.getInt(20);
        }
    }

    private void sum(ByteBuffer bytes, int from, int length) {
        bytes.order(order);
        for (int i = from; i < from + length; i += 8) {
            sum1 += bytes.getInt(i) + sum2;
            sum2 += bytes.getInt(i + 4) + sum1;
        }
        bytes.order(ByteOrder.BIG_ENDIAN);
    }
}
