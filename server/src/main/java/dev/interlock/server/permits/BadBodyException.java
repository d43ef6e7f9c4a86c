package dev.interlock.server.permits;

import dev.interlock.PrintableText;

/** A body, or one entry of a batch, that cannot be read. Its message says which field, what it held and what may be there. */
final class BadBodyException extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 60;

    BadBodyException(String message) {
        super(message, null, false, false);
    }

    /** A field with a value that it may not have. */
    static BadBodyException of(String field, String value, String allowed) {
        return new BadBodyException(field + " = " + shown(value) + ": must be " + allowed);
    }

    /** What was wrong, and what would be right. */
    String detail() {
        return String.valueOf(getMessage());
    }

    /** A value as it may be repeated to its sender: short, and of printable characters. */
    static String shown(String value) {
        String text = PrintableText.masked(value, '?');
        if (text.length() <= SHOWN) {
            return "'" + text + "'";
        }
        int end = Character.isHighSurrogate(text.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
        return "'" + text.substring(0, end) + "…'";
    }
}
