package dev.interlock.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as people type them, and as they are shown. */
final class Times {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smhd])");

    private Times() {}

    /**
     * A time to come.
     *
     * @param text from now (90s, 30m, 2h, 1d), or as RFC 3339 has it
     * @return the time, or null if the text is none
     */
    static @Nullable Instant ahead(String text, Instant now) {
        Duration from = duration(text);
        return from == null ? moment(text) : now.plus(from).truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * A time that was.
     *
     * @param text before now (90s, 30m, 2h, 1d), or as RFC 3339 has it
     * @return the time, or null if the text is none
     */
    static @Nullable Instant ago(String text, Instant now) {
        Duration before = duration(text);
        return before == null ? moment(text) : now.minus(before).truncatedTo(ChronoUnit.SECONDS);
    }

    private static @Nullable Duration duration(String text) {
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) {
            return null;
        }
        long amount = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static @Nullable Instant moment(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException noTime) {
            return null;
        }
    }

    /** A duration without loss, in the largest unit that divides it: 1500ms, 90s, 4m, 2h. */
    static String exactly(Duration time) {
        long millis = time.toMillis();
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        return seconds % 3_600 == 0 ? seconds / 3_600 + "h" : seconds / 60 + "m";
    }

    /** How long ago a time of the server's was, as short as it can be said; a hyphen if it is none. */
    static String since(String time, Instant now) {
        try {
            return Words.shortly(Duration.between(Instant.parse(time), now));
        } catch (DateTimeParseException never) {
            return Listing.NONE;
        }
    }

    /** A time of the server's to the second. */
    static String toTheSecond(String time) {
        try {
            return Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
        } catch (DateTimeParseException never) {
            return Listing.NONE;
        }
    }
}
