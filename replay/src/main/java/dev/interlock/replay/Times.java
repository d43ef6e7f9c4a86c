package dev.interlock.replay;

import java.time.DateTimeException;
import java.time.LocalDate;

/** Points in time: seconds since 1970 with a fraction, or RFC 3339; as nanoseconds since 1970. */
final class Times {
    static final String ALLOWED =
            "seconds since 1970 such as 1767603600.25, or RFC 3339 such as 2026-01-05T09:00:00.25Z, before the year 2200";

    /** What is not a time. */
    static final long NONE = Decimals.NONE;

    private static final int NANO_DIGITS = 9;
    private static final long SECOND = 1_000_000_000;
    private static final int SHORTEST_RFC_3339 = "2026-01-05T09:00:00Z".length();

    /** With a year's duration on top it is still far from where a long ends. */
    private static final long END = LocalDate.of(2200, 1, 1).toEpochDay() * 86_400 * SECOND;

    private Times() {}

    /** Whether a number of nanoseconds since 1970 is a time. */
    static boolean isOne(long nanos) {
        return nanos >= 0 && nanos < END;
    }

    /** The time in these bytes, or {@link #NONE}. */
    static long parse(byte[] source, int from, int to) {
        boolean dated = to - from >= SHORTEST_RFC_3339 && source[from + 4] == '-';
        long time = dated ? rfc3339(source, from, to) : Decimals.parse(source, from, to, NANO_DIGITS);
        return isOne(time) ? time : NONE;
    }

    /** By hand, since java.time takes a microsecond for it. */
    private static long rfc3339(byte[] source, int from, int to) {
        int separator = source[from + 10] | ' ';
        if (source[from + 7] != '-'
                || (separator != 't' && source[from + 10] != ' ')
                || source[from + 13] != ':'
                || source[from + 16] != ':') {
            return NONE;
        }
        int hour = number(source, from + 11, 2);
        int minute = number(source, from + 14, 2);
        int second = number(source, from + 17, 2); // 60 is a leap second
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return NONE;
        }
        long day;
        try {
            day = LocalDate.of(number(source, from, 4), number(source, from + 5, 2), number(source, from + 8, 2))
                    .toEpochDay();
        } catch (DateTimeException noSuchDay) {
            return NONE;
        }
        int at = from + 19;
        long fraction = 0;
        if (source[at] == '.') {
            long unit = SECOND / 10;
            int first = ++at;
            for (; at < to && source[at] >= '0' && source[at] <= '9'; at++, unit /= 10) {
                fraction += (source[at] - '0') * unit;
            }
            if (at == first) {
                return NONE;
            }
        }
        int offset = offsetSeconds(source, at, to);
        return offset == Integer.MIN_VALUE
                ? NONE
                : (day * 86_400 + hour * 3_600L + minute * 60L + second - offset) * SECOND + fraction;
    }

    private static int offsetSeconds(byte[] source, int at, int to) {
        if (to - at == 1 && (source[at] == 'Z' || source[at] == 'z')) {
            return 0;
        }
        if (to - at != 6 || source[at + 3] != ':' || (source[at] != '+' && source[at] != '-')) {
            return Integer.MIN_VALUE;
        }
        int hours = number(source, at + 1, 2);
        int minutes = number(source, at + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return Integer.MIN_VALUE;
        }
        int seconds = hours * 3_600 + minutes * 60;
        return source[at] == '-' ? -seconds : seconds;
    }

    /** A number of this many digits, or -1. */
    private static int number(byte[] source, int from, int digits) {
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            if (source[i] < '0' || source[i] > '9') {
                return -1;
            }
            number = number * 10 + (source[i] - '0');
        }
        return number;
    }
}
