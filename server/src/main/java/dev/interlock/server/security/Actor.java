package dev.interlock.server.security;

import java.util.HexFormat;

/**
 * How callers are named in the audit trail: at most 256 characters, none of them a control character. Two of one
 * organization are never named alike: a text that had to be cut or changed bears a hash of the whole.
 */
final class Actor {
    private static final int LONGEST_PART = 110;
    private static final int LONGEST_KEY_NAME = 128;
    private static final int MARK_BYTES = 8;

    private Actor() {}

    static String ofKey(String name, String id) {
        return part(name, LONGEST_KEY_NAME) + " (key " + id + ")";
    }

    static String ofToken(String subject, String issuer) {
        return part(subject, LONGEST_PART) + " (token of " + part(issuer, LONGEST_PART) + ")";
    }

    private static String part(String text, int longest) {
        String printable = text.codePoints()
                .limit(longest)
                .map(point -> Character.isISOControl(point) ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        if (printable.equals(text)) {
            return printable;
        }
        String mark = "~" + HexFormat.of().formatHex(ApiKeyText.hash(text), 0, MARK_BYTES);
        int end = Math.min(printable.length(), longest - mark.length());
        return printable.substring(0, end) + mark;
    }
}
