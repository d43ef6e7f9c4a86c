package dev.interlock.server.text;

import java.util.List;
import java.util.Locale;

/**
 * Removes secrets from addresses in a text: the part before the host, and the values of parameters whose names say that
 * they are secret. Goes through the text once, so that the time is linear in its length.
 */
final class Addresses {
    private static final String HIDDEN = "…";
    private static final int LONGEST_NAME = 40;
    private static final List<String> SECRET_ENDINGS = List.of(
            "password", "passwd", "pwd", "pass", "passphrase", "secret", "token", "key", "sig", "signature", "auth");

    private Addresses() {}

    /** A text that may hold addresses, without their secrets. */
    static String hidden(String text) {
        return text.indexOf('=') < 0 && !text.contains("://") ? text : withoutParameters(withoutUsers(text));
    }

    /** A text that is an address as a whole, well-formed or not: everything before the last at sign is removed. */
    static String hiddenWhole(String address) {
        int from = address.indexOf("://");
        int start = from < 0 ? 0 : from + 3;
        int at = address.lastIndexOf('@');
        return at <= start ? hidden(address) : hidden(address.substring(0, start) + HIDDEN + address.substring(at));
    }

    private static String withoutUsers(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        int written = 0;
        int from = text.indexOf("://");
        while (from >= 0) {
            int start = from + 3;
            int end = runEnd(text, start, "/?#");
            int at = text.lastIndexOf('@', end - 1);
            if (at < start && isPasswordWithSlash(text, start, end)) {
                end = runEnd(text, start, "");
                at = text.lastIndexOf('@', end - 1);
            }
            if (at > start && at < end) {
                shown.append(text, written, start).append(HIDDEN);
                written = at;
            }
            from = text.indexOf("://", Math.max(end, start));
        }
        return written == 0 ? text : shown.append(text, written, text.length()).toString();
    }

    private static String withoutParameters(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        int written = 0;
        for (int equals = text.indexOf('='); equals >= 0; equals = text.indexOf('=', equals + 1)) {
            if (equals >= written && isSecret(text, equals, written)) {
                shown.append(text, written, equals + 1).append(HIDDEN);
                written = runEnd(text, equals + 1, "&;#");
            }
        }
        return written == 0 ? text : shown.append(text, written, text.length()).toString();
    }

    /** Whether a parameter's name ends at an index, and says that its value is a secret. */
    private static boolean isSecret(String text, int end, int floor) {
        int start = end;
        while (start > floor && end - start < LONGEST_NAME && isNamePart(text.charAt(start - 1))) {
            start--;
        }
        if (start == floor || "?&;".indexOf(text.charAt(start - 1)) < 0) {
            return false;
        }
        String name = text.substring(start, end).toLowerCase(Locale.ROOT);
        return SECRET_ENDINGS.stream().anyMatch(name::endsWith);
    }

    private static boolean isNamePart(char character) {
        return Character.isLetterOrDigit(character) || character == '_' || character == '-' || character == '.';
    }

    /** Whether what looks like host and port has something else than a port behind its colon, and goes on. */
    private static boolean isPasswordWithSlash(String text, int start, int end) {
        int colon = text.indexOf(':', start);
        return colon >= start
                && colon < end
                && end < text.length()
                && text.charAt(start) != '['
                && !text.substring(colon + 1, end).chars().allMatch(Character::isDigit);
    }

    /** The end of the characters that an address may have, but not beyond one of some characters. */
    private static int runEnd(String text, int from, String stops) {
        int end = from;
        while (end < text.length()) {
            char character = text.charAt(end);
            if (character <= ' ' || "\"'<>`".indexOf(character) >= 0 || stops.indexOf(character) >= 0) {
                return end;
            }
            end++;
        }
        return end;
    }
}
