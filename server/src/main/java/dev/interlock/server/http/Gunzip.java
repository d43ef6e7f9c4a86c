package dev.interlock.server.http;

import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates gzip (RFC 1952) that arrives in pieces, as much at a time as its user asks for, so that no piece can fill the
 * memory or hold up an event loop. What is no gzip, ends too early, or inflates to suspiciously much is a {@link Problem}.
 * For one body and one thread at a time; to be closed.
 */
final class Gunzip implements AutoCloseable {
    /** A body may inflate to this many bytes, whatever its own size. */
    static final long FREE_BYTES = 1_048_576;

    /** Beyond that, to this many bytes for each of its own; honest JSON stays far below. */
    static final long MOST_TIMES = 100;

    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int HEADER_CRC = 2;
    private static final int RESERVED = 0xE0;
    private static final int FIXED_HEADER = 10;
    private static final int TRAILER = 8;
    private static final byte[] NOTHING = {};

    private enum At {
        START,
        FIXED,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        BODY,
        TRAILER
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private byte[] input = NOTHING;
    private int next;
    private At at = At.START;
    private int flags;
    private int count;
    private int extra;
    private long number;
    private long taken;
    private long given;

    /** Takes the next piece; the last one has been inflated. */
    void feed(byte[] piece) {
        input = piece;
        next = 0;
        taken += piece.length;
    }

    /**
     * Inflates further.
     *
     * @param target is filled from its beginning
     * @return how many bytes there are in it; 0 if the next piece is needed
     */
    int inflate(byte[] target) {
        while (next < input.length) {
            if (at != At.BODY) {
                frame(input[next++] & 0xFF);
                continue;
            }
            int inflated = body(target);
            if (inflated > 0) {
                given += inflated;
                if (given > FREE_BYTES && given / MOST_TIMES > taken) {
                    throw Problem.tooLarge("The body inflates to more than " + MOST_TIMES
                            + " times its bytes; send it without Content-Encoding");
                }
                return inflated;
            }
        }
        return 0;
    }

    /** Whether a body may end here. */
    boolean isWhole() {
        return at == At.START;
    }

    private int body(byte[] target) {
        inflater.setInput(input, next, input.length - next);
        try {
            int inflated = inflater.inflate(target);
            next = input.length - inflater.getRemaining();
            crc.update(target, 0, inflated);
            if (inflater.needsDictionary()) {
                throw bad("it needs a dictionary");
            }
            if (inflater.finished() && inflated == 0) {
                begin(At.TRAILER);
            }
            return inflated;
        } catch (DataFormatException broken) {
            throw bad(String.valueOf(broken.getMessage()));
        }
    }

    private void begin(At part) {
        at = part;
        count = 0;
        number = 0;
    }

    /** One byte of what is around the deflated data. */
    private void frame(int each) {
        switch (at) {
            case START -> {
                inflater.reset();
                crc.reset();
                begin(At.FIXED);
                fixed(each);
            }
            case FIXED -> fixed(each);
            case EXTRA_LENGTH -> {
                extra |= each << (8 * count);
                if (++count == 2) {
                    begin(extra == 0 ? after(EXTRA) : At.EXTRA);
                }
            }
            case EXTRA -> {
                if (++count == extra) {
                    begin(after(EXTRA));
                }
            }
            case NAME, COMMENT -> {
                if (each == 0) {
                    begin(after(at == At.NAME ? NAME : COMMENT));
                }
            }
            case HEADER_CRC -> {
                if (++count == 2) {
                    begin(At.BODY);
                }
            }
            default -> trailer(each);
        }
    }

    private void fixed(int each) {
        int place = count++;
        if (place == 0 && each != 0x1F || place == 1 && each != 0x8B || place == 2 && each != 8) {
            throw bad("it does not begin as gzip");
        }
        if (place == 3) {
            flags = each;
            extra = 0;
            if ((flags & RESERVED) != 0) {
                throw bad("it has flags that RFC 1952 does not know");
            }
        }
        if (count == FIXED_HEADER) {
            begin(after(0));
        }
    }

    /** The part of the header that follows another one, of those that the flags announce. */
    private At after(int part) {
        if (part < EXTRA && (flags & EXTRA) != 0) {
            return At.EXTRA_LENGTH;
        }
        if (part < NAME && (flags & NAME) != 0) {
            return At.NAME;
        }
        if (part < COMMENT && (flags & COMMENT) != 0) {
            return At.COMMENT;
        }
        return (flags & HEADER_CRC) != 0 ? At.HEADER_CRC : At.BODY;
    }

    private void trailer(int each) {
        number |= (long) each << (8 * count);
        if (++count == TRAILER) {
            long size = inflater.getBytesWritten() & 0xFFFF_FFFFL;
            if ((number & 0xFFFF_FFFFL) != crc.getValue() || number >>> 32 != size) {
                throw bad("its checksum is wrong");
            }
            begin(At.START);
        }
    }

    /** Ends too early, or is none. */
    static Problem bad(@Nullable String why) {
        return Problem.invalid("The body is declared as gzip, but cannot be inflated: " + why);
    }

    @Override
    public void close() {
        inflater.end();
    }
}
