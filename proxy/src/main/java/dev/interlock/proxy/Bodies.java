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
    private static final Field[] FILTERED = {
        new Field("finish_reason", "\"content_filter\""), new Field("stop_reason", "\"refusal\"")
    };

    /** An answer without a choice, a part or a number. */
    private static final Field[] EMPTY = {new Field("choices", "[]"), new Field("data", "[]")};

    private static final Field[] NO_CONTENT = {new Field("content", "[]")};

    /** Every answer that reports an error in place of what was asked for has it, as a name or as the value of its type. */
    private static final Needle ERROR = new Needle("\"error\"");

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
            return Outcome.failure(FailureKind.SERVER_ERROR); // a page of something in front of the provider
        }
        if (kind == Kind.RPC) {
            return RpcAnswers.judge(body);
        }
        if (ERROR.isIn(body)) {
            Outcome inBand = HttpAnswers.of(status, headers, body, Instant.now());
            if (!inBand.isSuccess()) {
                return inBand;
            }
        }
        if (isAnyIn(body, FILTERED)) {
            return Outcome.failure(FailureKind.CONTENT_FILTERED);
        }
        return isEmpty(kind, body) ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success();
    }

    private static boolean isEmpty(Kind kind, byte[] body) {
        return kind == Kind.MESSAGES ? isAnyIn(body, NO_CONTENT) : kind != Kind.RESPONSES && isAnyIn(body, EMPTY);
    }

    private static boolean isAnyIn(byte[] body, Field[] fields) {
        for (Field each : fields) {
            if (each.isIn(body)) {
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

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
