package dev.interlock.proxy;

import org.jspecify.annotations.Nullable;

/**
 * Path and query as they came, taken apart without decoding anything: what is compared with the prefixes is what goes on.
 * Whatever another server could read as another path is refused.
 *
 * @param upstream the name behind {@code /proxy/}
 * @param path what follows, beginning with a slash
 * @param query with its question mark, or empty
 */
record RawPath(String upstream, String path, String query) {
    static final String PREFIX = "/proxy/";
    private static final int LONGEST_NAME = 64;
    private static final String PLAIN = "-._~!$&'()*+,=:@";

    /**
     * Reads the target of a request.
     *
     * @throws ProxyProblem 400 if it is in absolute form or could be read in two ways, 404 if it names nothing
     */
    static RawPath of(String target) {
        if (!target.startsWith("/")) {
            throw bad("the target of the request must be a path, such as /proxy/openai/v1/chat/completions");
        }
        int query = target.indexOf('?');
        String whole = query < 0 ? target : target.substring(0, query);
        int slash = whole.indexOf('/', PREFIX.length());
        if (!whole.startsWith(PREFIX) || slash < 0) {
            throw new ProxyProblem(
                    404, "not_found", "There is nothing here; a path is /proxy/NAME/… with the name of an upstream");
        }
        String path = whole.substring(slash);
        check(path);
        String name = whole.substring(PREFIX.length(), slash);
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new ProxyProblem(404, "not_found", "A path is /proxy/NAME/… with the name of an upstream");
        }
        String rest = query < 0 ? "" : target.substring(query);
        for (int i = 0; i < rest.length(); i++) {
            if (rest.charAt(i) <= ' ' || rest.charAt(i) >= 0x7f || rest.charAt(i) == '#') {
                throw bad("the query has a character that must be percent-encoded");
            }
        }
        return new RawPath(name, path, rest);
    }

    private static void check(String path) {
        int segment = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                String each = path.substring(segment, i);
                if (each.equals(".") || each.equals("..")) {
                    throw bad("the path must not have the segments . and ..");
                }
                if (each.isEmpty() && i > 0 && i < path.length()) {
                    throw bad("the path must not have an empty segment");
                }
                segment = i + 1;
            } else if (path.charAt(i) == '%') {
                checkEncoded(path, i);
                i += 2;
            } else if (!isLetter(path.charAt(i)) && PLAIN.indexOf(path.charAt(i)) < 0) {
                throw bad("the path has a character that must be percent-encoded, or none that belongs there");
            }
        }
    }

    /** Only what has to be encoded may be: of each path there is one spelling. */
    private static void checkEncoded(String path, int at) {
        Integer value = at + 2 < path.length() ? hex(path.substring(at + 1, at + 3)) : null;
        if (value == null) {
            throw bad("in the path % must be followed by two hexadecimal digits");
        }
        char letter = (char) value.intValue();
        if (letter <= 0x1f
                || letter == 0x7f
                || letter == '/'
                || letter == '\\'
                || letter == '%'
                || isLetter(letter)
                || PLAIN.indexOf(letter) >= 0) {
            throw bad("the path encodes a character that must stand for itself, or not be there");
        }
    }

    private static @Nullable Integer hex(String digits) {
        int high = Character.digit(digits.charAt(0), 16);
        int low = Character.digit(digits.charAt(1), 16);
        return high < 0 || low < 0 ? null : high * 16 + low;
    }

    private static boolean isLetter(char letter) {
        return letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= '0' && letter <= '9';
    }

    private static ProxyProblem bad(String why) {
        return new ProxyProblem(400, "invalid_path", "The request cannot be forwarded: " + why);
    }
}
