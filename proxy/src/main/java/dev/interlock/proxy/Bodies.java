package dev.interlock.proxy;

import dev.interlock.FailureKind;
import dev.interlock.HttpAnswers;
import dev.interlock.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Judges whole answers with a good status: errors in place of answers, answers without a word, those that were filtered. */
final class Bodies {
    private static final byte[][] FILTERED = {
        bytes("\"finish_reason\":\"content_filter\""),
        bytes("\"finish_reason\": \"content_filter\""),
        bytes("\"stop_reason\":\"refusal\""),
        bytes("\"stop_reason\": \"refusal\"")
    };

    /** An answer without a choice, a part or a number. */
    private static final byte[][] EMPTY = {
        bytes("\"choices\":[]"), bytes("\"choices\": []"), bytes("\"data\":[]"), bytes("\"data\": []")
    };

    private static final byte[] NO_CONTENT = bytes("\"content\":[]");
    private static final byte[] NO_CONTENT_SPACED = bytes("\"content\": []");

    private Bodies() {}

    static Outcome judge(Kind kind, int status, Function<String, @Nullable String> headers, Ends ends) {
        byte[] body = ends.bytes();
        int at = firstOf(body);
        if (at == body.length) {
            boolean accepted = kind == Kind.RPC && (status == 202 || status == 204);
            return accepted ? Outcome.success() : Outcome.failure(FailureKind.EMPTY_RESPONSE);
        }
        if (headers.apply("content-encoding") != null
                && !"identity".equalsIgnoreCase(headers.apply("content-encoding"))) {
            return Outcome.success(); // it was not asked for, and is not ours to open
        }
        if (body[at] != '{' && body[at] != '[') {
            return Outcome.failure(FailureKind.SERVER_ERROR); // a page of somebody who stands before the provider
        }
        if (kind == Kind.RPC) {
            return RpcAnswers.judge(body);
        }
        Outcome inBand = HttpAnswers.of(status, headers, body, Instant.now());
        if (!inBand.isSuccess()) {
            return inBand;
        }
        for (byte[] each : FILTERED) {
            if (contains(body, body.length, each)) {
                return Outcome.failure(FailureKind.CONTENT_FILTERED);
            }
        }
        return isEmpty(kind, body) ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success();
    }

    private static boolean isEmpty(Kind kind, byte[] body) {
        if (kind == Kind.MESSAGES) {
            return contains(body, body.length, NO_CONTENT) || contains(body, body.length, NO_CONTENT_SPACED);
        }
        for (byte[] each : EMPTY) {
            if (kind != Kind.RESPONSES && contains(body, body.length, each)) {
                return true;
            }
        }
        return false;
    }

    private static int firstOf(byte[] body) {
        int at = 0;
        while (at < body.length && (body[at] <= ' ' && body[at] >= 0)) {
            at++;
        }
        return at;
    }

    /** Whether bytes are found among the first so many of others. */
    static boolean contains(byte[] text, int length, byte[] wanted) {
        return indexOf(text, 0, length, wanted) >= 0;
    }

    static int indexOf(byte[] text, int from, int to, byte[] wanted) {
        byte first = wanted[0];
        for (int i = from; i <= to - wanted.length; i++) {
            if (text[i] == first && matches(text, i, wanted)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean matches(byte[] text, int at, byte[] wanted) {
        for (int i = 1; i < wanted.length; i++) {
            if (text[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
