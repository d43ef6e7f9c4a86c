package dev.interlock.server.security;

/** How callers are named in the audit trail: at most 256 characters, none of them a control character. */
final class Actor {
    private static final int LONGEST_PART = 110;
    private static final int LONGEST_KEY_NAME = 128;

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
        return printable.length() <= longest ? printable : printable.substring(0, longest);
    }
}
