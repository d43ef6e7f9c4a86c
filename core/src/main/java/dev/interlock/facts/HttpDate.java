package dev.interlock.facts;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The three forms of a date in HTTP: RFC 9110, section 5.6.7. A recipient must accept all of them. */
final class HttpDate {
    /** Sunday, 06-Nov-94 08:49:37 GMT: a year of two digits, the latest of the century that ends 50 years from now. */
    private static final int YEARS_AHEAD = 50;

    private static final DateTimeFormatter ASCTIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("EEE MMM d HH:mm:ss yyyy")
            .toFormatter(Locale.ENGLISH);

    private HttpDate() {}

    /** A moment, or null if the text is none of the three forms. */
    static @Nullable Instant parse(String text, Instant now) {
        Instant date = imf(text);
        if (date == null) {
            date = rfc850(text, now);
        }
        return date != null ? date : asctime(text);
    }

    private static @Nullable Instant imf(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException another) {
            return null;
        }
    }

    private static @Nullable Instant rfc850(String text, Instant now) {
        int firstYear = now.atZone(ZoneOffset.UTC).getYear() - 100 + YEARS_AHEAD + 1;
        DateTimeFormatter format = new DateTimeFormatterBuilder()
                .parseCaseInsensitive()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, firstYear)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ENGLISH);
        return local(text, format);
    }

    private static @Nullable Instant asctime(String text) {
        return local(text.replace("  ", " "), ASCTIME);
    }

    private static @Nullable Instant local(String text, DateTimeFormatter format) {
        try {
            return LocalDateTime.parse(text, format).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException another) {
            return null;
        }
    }
}
