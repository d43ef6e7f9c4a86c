package dev.interlock.server.permits;

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

    /** A value as it may be repeated to its sender: short, and without control characters. */
    static String shown(String value) {
        StringBuilder text = new StringBuilder();
        int end = Math.min(value.length(), SHOWN);
        for (int i = 0; i < end; i++) {
            char each = value.charAt(i);
            text.append(Character.isISOControl(each) || Character.isSurrogate(each) ? '?' : each);
        }
        return "'" + text + (end < value.length() ? "…'" : "'");
    }
}
