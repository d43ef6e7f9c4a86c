package dev.interlock.server.alerts;

import dev.interlock.PrintableText;
import dev.interlock.server.text.Secrets;
import java.time.Duration;
import java.util.Locale;

/** How messages write names, lengths of time and numbers. */
final class Words {
    private Words() {}

    /** What somebody wrote, in one line and without credentials. */
    static String shown(String theirs) {
        return PrintableText.masked(Secrets.hidden(theirs), '\uFFFD');
    }

    static String span(Duration length) {
        Duration shown = length.isNegative() ? Duration.ZERO : length;
        if (shown.toMinutes() == 0) {
            return shown.toSeconds() + " s";
        }
        if (shown.toHours() == 0) {
            return shown.toMinutes() + " min " + shown.toSecondsPart() + " s";
        }
        return shown.toDays() == 0
                ? shown.toHours() + " h " + shown.toMinutesPart() + " min"
                : shown.toDays() + " d " + shown.toHoursPart() + " h";
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String plural(long number, String noun) {
        return number(number) + " " + noun + (number == 1 ? "" : "s");
    }
}
