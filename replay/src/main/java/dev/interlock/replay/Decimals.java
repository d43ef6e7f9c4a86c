package dev.interlock.replay;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/**
 * Decimal numbers as whole multiples of a small unit, exactly: a time in seconds has ten digits before the point and
 * up to nine behind it, more than a double holds. What is smaller than the unit is cut off.
 */
final class Decimals {
    /** What is not a number, negative, or too big. */
    static final long NONE = -1;

    private static final long[] POWERS = new long[19];
    private static final int LONGEST = 64;

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    private Decimals() {}

    /**
     * The number in these bytes times a power of ten.
     *
     * @return 0 or more, or {@link #NONE}
     */
    static long parse(byte[] source, int from, int to, int digits) {
        long whole = 0;
        int at = from;
        while (at < to && isDigit(source[at]) && at - from < 18) {
            whole = whole * 10 + (source[at++] - '0');
        }
        if (at == from || (at < to && source[at] != '.') || whole > Long.MAX_VALUE / POWERS[digits] - 1) {
            return parseSlowly(source, from, to, digits);
        }
        int fractionFrom = ++at;
        long fraction = 0;
        int taken = 0;
        while (at < to && isDigit(source[at])) {
            if (taken < digits) {
                fraction = fraction * 10 + (source[at] - '0');
                taken++;
            }
            at++;
        }
        if (at < to || at == fractionFrom) {
            return parseSlowly(source, from, to, digits);
        }
        return whole * POWERS[digits] + fraction * POWERS[digits - taken];
    }

    /** What is rare: an exponent, a sign, many zeros. */
    private static long parseSlowly(byte[] source, int from, int to, int digits) {
        if (to <= from || to - from > LONGEST) {
            return NONE;
        }
        try {
            BigDecimal number = new BigDecimal(new String(source, from, to - from, StandardCharsets.ISO_8859_1));
            boolean huge = number.precision() - number.scale() > 18 || Math.abs(number.scale()) > LONGEST;
            if (huge || number.signum() < 0) {
                return NONE;
            }
            BigDecimal units = number.movePointRight(digits).setScale(0, RoundingMode.DOWN);
            return units.toBigInteger().bitLength() > 62 ? NONE : units.longValue();
        } catch (NumberFormatException notANumber) {
            return NONE;
        }
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
