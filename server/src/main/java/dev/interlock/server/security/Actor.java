package dev.interlock.server.security;

import dev.interlock.PrintableText;
import java.util.HexFormat;

/**
 * How callers are named in the audit trail: at most 256 characters, all of them printable. Two of one organization are
 * never named alike: a text that had to be cut or changed bears a hash of the whole.
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
        String masked = PrintableText.masked(text, '?');
        if (masked.equals(text) && text.length() <= longest) {
            return text;
        }
        String mark = "~" + HexFormat.of().formatHex(ApiKeyText.hash(text), 0, MARK_BYTES);
        int end = Math.min(masked.length(), longest - mark.length());
        boolean halves = end > 0 && Character.isHighSurrogate(masked.charAt(end - 1));
        return masked.substring(0, halves ? end - 1 : end) + mark;
    }
}
