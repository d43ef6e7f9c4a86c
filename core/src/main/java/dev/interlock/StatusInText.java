package dev.interlock;

import dev.interlock.facts.Facts;

/** The HTTP status in the messages of some clients: {@code 429 - …}, {@code HTTP 429 - …}, {@code … response code: 429 …}. */
final class StatusInText {
    private static final String PREFIX = "HTTP ";

    /** Of the JDK's oldest client. */
    private static final String NAMED = "HTTP response code: ";

    private StatusInText() {}

    /** A status from 400 to 599, or {@link Facts#NO_STATUS}. */
    static int of(String text) {
        int named = text.indexOf(NAMED);
        if (named >= 0) {
            return digits(text, named + NAMED.length());
        }
        int begin = text.startsWith(PREFIX) ? PREFIX.length() : 0;
        return text.length() == begin + 3 || text.startsWith(" - ", begin + 3) ? digits(text, begin) : Facts.NO_STATUS;
    }

    private static int digits(String text, int begin) {
        if (text.length() < begin + 3) {
            return Facts.NO_STATUS;
        }
        int status = 0;
        for (int i = begin; i < begin + 3; i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return Facts.NO_STATUS;
            }
            status = 10 * status + digit - '0';
        }
        return status >= 400 && status <= 599 ? status : Facts.NO_STATUS;
    }
}
