package dev.interlock.replay;

import dev.interlock.FailureKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The values of a row, read from bytes: what they may be, whatever the format, is said here. */
final class Cells {
    private static final int MILLI_DIGITS = 6;

    /** A year. */
    private static final long LONGEST_MILLIS = 365L * 86_400_000;

    private static final Map<String, FailureKind> KINDS =
            Arrays.stream(FailureKind.values()).collect(Collectors.toMap(Enum::name, Function.identity()));
    private static final String ALLOWED_KINDS = Arrays.stream(FailureKind.values())
            .map(Enum::name)
            .collect(Collectors.joining(", ", "empty or one of ", ""));

    private Cells() {}

    static long time(String column, byte[] source, int from, int to) throws BadRowException {
        long time = Times.parse(source, from, to);
        if (time == Times.NONE) {
            throw BadRowException.of(column, text(source, from, to), Times.ALLOWED);
        }
        return time;
    }

    /** Milliseconds, as nanoseconds. */
    static long duration(String column, byte[] source, int from, int to) throws BadRowException {
        long duration = Decimals.parse(source, from, to, MILLI_DIGITS);
        if (duration == Decimals.NONE || duration > LONGEST_MILLIS * 1_000_000) {
            throw BadRowException.of(
                    column, text(source, from, to), "milliseconds, 0 to " + LONGEST_MILLIS + " (a year)");
        }
        return duration;
    }

    static boolean ok(String column, byte[] source, int from, int to) throws BadRowException {
        if (is("true", source, from, to) || is("1", source, from, to)) {
            return true;
        }
        if (is("false", source, from, to) || is("0", source, from, to)) {
            return false;
        }
        throw BadRowException.of(column, text(source, from, to), "true or false");
    }

    /** The kind, ERROR for a failure without one, or null for a good call. */
    static @Nullable FailureKind kind(String column, boolean ok, byte[] source, int from, int to)
            throws BadRowException {
        if (from == to) {
            return ok ? null : FailureKind.ERROR;
        }
        String text = text(source, from, to);
        FailureKind kind = KINDS.get(text.toUpperCase(Locale.ROOT));
        if (kind == null) {
            throw BadRowException.of(column, text, ALLOWED_KINDS);
        }
        if (ok && kind != FailureKind.CANCELLED) {
            throw BadRowException.of(column, text, "empty or CANCELLED, since the call is said to be good");
        }
        return kind;
    }

    /** A failure's Retry-After in milliseconds, as nanoseconds, at most a year; negative for an empty cell. */
    static long wait(String column, @Nullable FailureKind kind, byte[] source, int from, int to)
            throws BadRowException {
        if (from == to) {
            return Call.NO_WAIT;
        }
        if (kind == null) {
            throw BadRowException.of(column, text(source, from, to), "empty, since the call is said to be good");
        }
        long wait = Decimals.parse(source, from, to, MILLI_DIGITS);
        if (wait == Decimals.NONE) {
            throw BadRowException.of(column, text(source, from, to), "milliseconds that are not negative");
        }
        return Math.min(wait, LONGEST_MILLIS * 1_000_000);
    }

    static String text(byte[] source, int from, int to) {
        return new String(source, from, to - from, StandardCharsets.UTF_8);
    }

    /** Whether the bytes are this word, in any case. */
    private static boolean is(String word, byte[] source, int from, int to) {
        if (to - from != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            byte b = source[from + i];
            if ((b >= 'A' && b <= 'Z' ? b | ' ' : b) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
