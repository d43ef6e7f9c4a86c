package dev.interlock.facts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Errors that a provider reports in an answer whose status is good: an error in place of the JSON that was asked for, or an
 * event of a stream. Reads at most the first and the last 8 Ki characters of a body, in one pass.
 *
 * <p>JSON is an error if its {@code error} is an object, or a text and all there is, or if its {@code type} is {@code
 * error}; answers of JSON-RPC are left to those who speak it. An event is one by its name, or by such JSON.
 */
public final class InBandErrors {
    private static final String EVENT = "event:";
    private static final String DATA = "data:";
    private static final String ERROR = "error";
    private static final int OK = 200;
    private static final int MULTIPLE_CHOICES = 300;

    /** Takes in a member of a JSON object; false if it need not see the others. */
    private interface Visitor {
        boolean member(String name, String value);
    }

    private InBandErrors() {}

    /**
     * Reads an answer whose body is at hand.
     *
     * @param status of the answer
     * @param body a text or the bytes of one; others are none
     * @param headers of the answer
     * @param now the wall clock's time
     * @return what the error says, with a status that stands for it where it names none; null if there is no error
     */
    static @Nullable Facts of(
            int status, @Nullable Object body, Function<String, @Nullable String> headers, Instant now) {
        if (status < OK || status >= MULTIPLE_CHOICES) {
            return null;
        }
        CharSequence text =
                body instanceof CharSequence chars ? chars : body instanceof byte[] bytes ? ends(bytes) : null;
        String error = text == null ? null : isEvents(text) ? ofEvents(text) : ofJson(text, 0);
        return error == null ? null : facts(error, headers, now);
    }

    /**
     * Reads an answer whose body, or at least its beginning and its end, is at hand.
     *
     * @param status of the answer
     * @param body its bytes
     * @param headers of the answer
     * @param now the wall clock's time
     * @return what the error says, with a status that stands for it where it names none; null if there is no error
     */
    public static @Nullable Facts ofBody(
            int status, byte[] body, Function<String, @Nullable String> headers, Instant now) {
        return of(status, body, headers, now);
    }

    /**
     * What a line or an event of a stream says if it reports an error; costs some nanoseconds if it does not.
     *
     * @param piece of a stream
     * @param isNamed whether the line before it has named an event of this kind
     * @param now the wall clock's time
     * @return what the error says; null if it is none
     */
    public static @Nullable Facts ofPiece(String piece, boolean isNamed, Instant now) {
        int data = piece.startsWith(DATA) ? skipSpace(piece, DATA.length()) : 0;
        String error;
        if (isNamed && data > 0) {
            error = piece.substring(data);
        } else if (mayBeError(piece, data)) {
            error = ofJson(piece, data);
        } else {
            error = piece.startsWith(EVENT) && piece.indexOf('\n') >= 0 ? ofEvents(piece) : null;
        }
        return error == null ? null : facts(error, name -> null, now);
    }

    /**
     * Whether a piece is worth a look: by its first character.
     *
     * @param piece of a stream
     * @return false for what neither is nor begins an event, and is no JSON
     */
    public static boolean mayReport(String piece) {
        if (piece.isEmpty()) {
            return false;
        }
        char first = piece.charAt(0);
        return first == 'd' || first == 'e' || first == '{';
    }

    /**
     * Whether a line of a stream names the event that begins with it an error.
     *
     * @param line of a stream
     * @return true for {@code event: error}
     */
    public static boolean isNamed(String line) {
        return line.startsWith(EVENT) && line.substring(EVENT.length()).strip().equals(ERROR);
    }

    /** By its first member, as those that report errors write it; others are not looked into. */
    private static boolean mayBeError(String piece, int from) {
        return piece.startsWith("{\"error\"", from)
                || piece.startsWith("{\"type\":\"error\"", from)
                || piece.startsWith("{\"type\": \"error\"", from)
                || piece.startsWith("{ \"error\"", from);
    }

    private static Facts facts(String error, Function<String, @Nullable String> headers, Instant now) {
        Facts said = Facts.of(Facts.NO_STATUS, null, error, headers, now);
        int[] status = {standIn(said.mark())};
        members(error, 0, (name, value) -> {
            if (name.equals("code") || name.equals("status") || name.equals("status_code")) {
                int number = number(value);
                status[0] = number >= 400 && number <= 599 ? number : status[0];
            }
            return true;
        });
        return new Facts(status[0], said.mark(), said.retryAfter());
    }

    /** The status that an answer would have had. */
    private static int standIn(@Nullable ErrorMark mark) {
        return mark == ErrorMark.INVALID_REQUEST ? 400 : mark == ErrorMark.CANCELLED ? 499 : 500;
    }

    private static int number(String value) {
        try {
            return value.length() == 3 ? Integer.parseInt(value) : 0;
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private static boolean isEvents(CharSequence text) {
        String begin =
                text.subSequence(0, Math.min(text.length(), EVENT.length())).toString();
        return begin.startsWith(DATA) || begin.equals(EVENT);
    }

    /** The data of the last event that is an error, at the beginning or the end of a stream. */
    private static @Nullable String ofEvents(CharSequence text) {
        String found = null;
        boolean isNamed = false;
        for (String line : ends(text).split("\r\n|\r|\n", -1)) {
            if (line.isEmpty()) {
                isNamed = false;
            } else if (line.startsWith(EVENT)) {
                isNamed = isNamed(line);
            } else if (line.startsWith(DATA)) {
                int from = skipSpace(line, DATA.length());
                String error = isNamed ? line.substring(from) : mayBeError(line, from) ? ofJson(line, from) : null;
                found = error != null ? error : found;
            }
        }
        return found;
    }

    private static String ends(CharSequence text) {
        int length = text.length();
        return length <= 2 * ErrorMarks.LONGEST
                ? text.toString()
                : text.subSequence(0, ErrorMarks.LONGEST) + "\n\n"
                        + text.subSequence(length - ErrorMarks.LONGEST, length);
    }

    private static String ends(byte[] bytes) {
        int longest = ErrorMarks.LONGEST;
        return bytes.length <= 2 * longest
                ? new String(bytes, UTF_8)
                : Facts.begin(bytes)
                        + "\n\n"
                        + Facts.begin(Arrays.copyOfRange(bytes, bytes.length - longest, bytes.length));
    }

    /** The error of a JSON object, or of the first in an array; null if it is none. */
    private static @Nullable String ofJson(CharSequence body, int from) {
        String text = body.subSequence(0, Math.min(body.length(), from + ErrorMarks.LONGEST))
                .toString();
        @Nullable String[] error = new @Nullable String[2];
        int[] count = new int[1];
        boolean whole = members(text, from, (name, value) -> {
            count[0]++;
            if (name.equals("jsonrpc")) {
                error[0] = null;
                error[1] = null;
                return false;
            }
            if (name.equals(ERROR) && value.startsWith("{") && value.length() > "{ }".length()) {
                error[0] = value;
            } else if (name.equals(ERROR) && value.startsWith("\"") && value.length() > "\"\"".length()) {
                error[1] = value;
            } else if (name.equals("type") && value.equals("\"error\"") && error[0] == null) {
                error[0] = text;
            }
            return true;
        });
        return error[0] != null ? error[0] : whole && count[0] == 1 ? error[1] : null;
    }

    /** Visits the members of an object; the last may be cut off. True if it was seen to its end. */
    private static boolean members(String text, int from, Visitor visitor) {
        int at = skipSpace(text, from);
        at = at < text.length() && text.charAt(at) == '[' ? skipSpace(text, at + 1) : at;
        if (at >= text.length() || text.charAt(at) != '{') {
            return false;
        }
        at = skipSpace(text, at + 1);
        while (at < text.length() && text.charAt(at) == '"') {
            int endOfName = endOfString(text, at);
            int colon = skipSpace(text, endOfName);
            if (colon >= text.length() || text.charAt(colon) != ':') {
                return false;
            }
            int value = skipSpace(text, colon + 1);
            int end = endOfValue(text, value);
            if (!visitor.member(text.substring(at + 1, endOfName - 1), text.substring(value, end))) {
                return false;
            }
            at = skipSpace(text, end);
            if (at < text.length() && text.charAt(at) == ',') {
                at = skipSpace(text, at + 1);
            }
        }
        return at < text.length() && text.charAt(at) == '}';
    }

    private static int endOfValue(String text, int from) {
        int depth = 0;
        int at = from;
        while (at < text.length()) {
            char next = text.charAt(at);
            if (next == '"') {
                at = endOfString(text, at);
                if (depth == 0) {
                    return at;
                }
                continue;
            }
            if (next == '{' || next == '[') {
                depth++;
            } else if (next == '}' || next == ']') {
                if (depth == 0) {
                    return at;
                }
                if (--depth == 0) {
                    return at + 1;
                }
            } else if (depth == 0 && (next == ',' || Character.isWhitespace(next))) {
                return at;
            }
            at++;
        }
        return text.length();
    }

    /** Behind the quote that ends a string. */
    private static int endOfString(String text, int from) {
        for (int at = from + 1; at < text.length(); at++) {
            char next = text.charAt(at);
            if (next == '\\') {
                at++;
            } else if (next == '"') {
                return at + 1;
            }
        }
        return text.length();
    }

    private static int skipSpace(CharSequence text, int from) {
        int at = from;
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\uFEFF')) {
            at++;
        }
        return at;
    }
}
