package dev.interlock.server.traces;

import java.util.HexFormat;

/** A trace's 16 bytes, not all 0. */
record TraceId(long high, long low) {
    static String hex(long value) {
        return HexFormat.of().toHexDigits(value);
    }

    /** As W3C writes it: 32 hexadecimal digits. */
    @Override
    public String toString() {
        return hex(high) + hex(low);
    }
}
