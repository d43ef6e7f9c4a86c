package dev.interlock.server.security;

/** How callers are named in the audit trail: at most 256 characters, none of them a control character. */
final class Actor {
    private static final int LONGEST_PART = 110;

    private Actor() {}

    static String ofKey(String name, String id) {
        return part(name) + " (key " + id + ")";
    }

    static String ofToken(String subject, String issuer) {
        return part(subject) + " (token of " + part(issuer) + ")";
    }

    private static String part(String text) {
        String printable = text.codePoints()
                .limit(LONGEST_PART)
                .map(point -> Character.isISOControl(point) ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return printable.length() <= LONGEST_PART ? printable : printable.substring(0, LONGEST_PART);
    }
}
