package dev.interlock.monitor.budgets;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The time for which a budget holds: a minute, an hour, a day or a month of the calendar in a zone, or the last N
 * minutes, hours or days. What is used is kept in slices: one of the calendar's whole period, or sixty of a length, so that
 * a call counts for the length and at most a sixtieth longer. Immutable.
 */
public final class Period {
    private static final int SLICES = 60;
    private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,4})([smhd])");
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(31);
    private static final String ALLOWED =
            "must be minute, hour, day or month, or a length such as 90m, 6h or 7d," + " from a minute to 31 days";

    private final String text;
    private final ZoneId zone;

    /** Of a calendar's period; null for a length. */
    private final @Nullable ChronoUnit unit;

    private final Duration length;
    private final long sliceSeconds;

    private Period(String text, ZoneId zone, @Nullable ChronoUnit unit, Duration length) {
        this.text = text;
        this.zone = zone;
        this.unit = unit;
        this.length = length;
        this.sliceSeconds = Math.max(1, length.toSeconds() / SLICES);
    }

    /**
     * Reads a period as people write it.
     *
     * @param per {@code minute}, {@code hour}, {@code day} or {@code month}, or a length such as {@code 6h}
     * @param zone whose calendar, such as {@code Europe/Berlin}; null for UTC
     * @return the period
     * @throws IllegalArgumentException if it is none, or there is a zone with a length
     */
    public static Period read(String per, @Nullable String zone) {
        ChronoUnit unit = switch (per) {
            case "minute" -> ChronoUnit.MINUTES;
            case "hour" -> ChronoUnit.HOURS;
            case "day" -> ChronoUnit.DAYS;
            case "month" -> ChronoUnit.MONTHS;
            default -> null;
        };
        if (unit != null) {
            return new Period(per, zone(zone), unit, Duration.ZERO);
        }
        if (zone != null) {
            throw new IllegalArgumentException(
                    "zone = " + zone + ": belongs to minute, hour, day or month, but per is a length");
        }
        return new Period(per, ZoneId.of("UTC"), null, length(per));
    }

    private static ZoneId zone(@Nullable String zone) {
        try {
            return zone == null ? ZoneId.of("UTC") : ZoneId.of(zone);
        } catch (DateTimeException unknown) {
            throw new IllegalArgumentException(
                    "zone = " + zone + ": must be the name of a time zone, such as Europe/Berlin or UTC", unknown);
        }
    }

    private static Duration length(String per) {
        Matcher matcher = LENGTH.matcher(per);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration length = switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
            if (length.compareTo(SHORTEST) >= 0 && length.compareTo(LONGEST) <= 0) {
                return length;
            }
        }
        throw new IllegalArgumentException("per = " + per + ": " + ALLOWED);
    }

    /** {@return as people write it} */
    public String text() {
        return text;
    }

    /** {@return whose calendar; null for UTC and for a length} */
    public @Nullable String zone() {
        return zone.getId().equals("UTC") ? null : zone.getId();
    }

    /** {@return whether it is a length, and no period of the calendar} */
    public boolean isRolling() {
        return unit == null;
    }

    /**
     * Where what is used at a time is kept.
     *
     * @param at the wall clock's time
     * @return the start of its slice
     */
    public Instant slice(Instant at) {
        if (unit == null) {
            return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), sliceSeconds) * sliceSeconds);
        }
        return start(at).toInstant();
    }

    /**
     * Which slices count at a time: those that begin then or later.
     *
     * @param now the wall clock's time
     * @return the start of the oldest one
     */
    public Instant since(Instant now) {
        return unit == null ? slice(now.minus(length)) : slice(now);
    }

    /**
     * When the period of a time is over: for a length, when something used now no longer counts.
     *
     * @param now the wall clock's time
     * @return its end, which is no part of it
     */
    public Instant end(Instant now) {
        return unit == null ? over(slice(now)) : start(now).plus(1, unit).toInstant();
    }

    /**
     * When enough of what was used no longer counts.
     *
     * @param now the wall clock's time
     * @param slices what is used, the oldest first
     * @param limits what may be used
     * @param countsCached whether tokens read from a cache count
     * @return the time at which a call passes again
     */
    Instant free(Instant now, List<Slice> slices, Limits limits, boolean countsCached) {
        if (unit != null) {
            return end(now);
        }
        Spent left = Slice.sum(slices);
        for (Slice each : slices) {
            left = left.minus(each.spent());
            if (limits.used(left, countsCached) < 1) {
                return over(each.start());
            }
        }
        return end(now);
    }

    private Instant over(Instant slice) {
        return slice.plus(length).plusSeconds(sliceSeconds);
    }

    private ZonedDateTime start(Instant at) {
        ZonedDateTime there = at.atZone(zone);
        return unit == ChronoUnit.MONTHS
                ? there.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1)
                : there.truncatedTo(unit == null ? ChronoUnit.DAYS : unit);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Period period && text.equals(period.text) && zone.equals(period.zone);
    }

    @Override
    public int hashCode() {
        return text.hashCode() * 31 + zone.hashCode();
    }

    @Override
    public String toString() {
        return unit == null ? "the last " + text : (unit == ChronoUnit.HOURS ? "an " : "a ") + text;
    }
}
