package dev.interlock.proxy;

import dev.interlock.FailureKind;
import dev.interlock.HttpAnswers;
import dev.interlock.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Judges a stream of server-sent events while it passes by: errors within it, whether it brings anything, and whether it
 * ends with the mark of its end. Of a line at most the first and the last 8 KiB are looked at. For one thread.
 */
final class EventJudge {
    private static final int KEPT = 8_192;
    private static final byte[] DATA = Bodies.bytes("data:");
    private static final byte[] EVENT = Bodies.bytes("event:");
    private static final byte[] DONE = Bodies.bytes("[DONE]");
    private static final byte[] TYPE = Bodies.bytes("{\"type\":\"response.");
    private static final byte[] TYPE_SPACED = Bodies.bytes("{\"type\": \"response.");
    private static final byte[] STOP = Bodies.bytes("{\"type\":\"message_stop\"");
    private static final byte[] STOP_SPACED = Bodies.bytes("{\"type\": \"message_stop\"");
    private static final Needle FILTERED = new Needle("\"content_filter\"");
    private static final Needle REFUSED = new Needle("\"refusal\"");
    private static final byte[] FAILED = Bodies.bytes("failed\"");
    private static final byte[] COMPLETED = Bodies.bytes("completed\"");
    private static final byte[] INCOMPLETE = Bodies.bytes("incomplete\"");

    private final Kind kind;

    /** A line that has come only in part. */
    private byte[] rest = new byte[256];

    private int restLength;
    private boolean cut;
    private boolean isErrorNamed;
    private boolean hasData;
    private boolean hasEnded;
    private @Nullable Outcome failed;

    EventJudge(Kind kind) {
        this.kind = kind;
    }

    void piece(byte[] bytes) {
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                if (restLength == 0) {
                    line(bytes, from, i);
                } else {
                    keep(bytes, from, i);
                    line(rest, 0, restLength);
                    restLength = 0;
                    cut = false;
                }
                from = i + 1;
            }
        }
        keep(bytes, from, bytes.length);
    }

    boolean hasEnded() {
        return hasEnded;
    }

    Outcome outcome() {
        if (failed != null) {
            return failed;
        }
        if (!hasData) {
            return Outcome.failure(FailureKind.EMPTY_RESPONSE);
        }
        return hasEnded ? Outcome.success() : Outcome.failure(FailureKind.CONNECTION);
    }

    private void keep(byte[] bytes, int from, int to) {
        int length = Math.min(to - from, 2 * KEPT - restLength);
        cut |= length < to - from;
        if (length <= 0) {
            keepEnd(bytes, from, to);
            return;
        }
        if (restLength + length > rest.length) {
            rest = Arrays.copyOf(rest, Math.min(2 * KEPT, Integer.highestOneBit(restLength + length) * 2));
        }
        System.arraycopy(bytes, from, rest, restLength, length);
        restLength += length;
        keepEnd(bytes, from + length, to);
    }

    /** Of a line that is too long the second half of what is kept is its end. */
    private void keepEnd(byte[] bytes, int from, int to) {
        int length = Math.min(KEPT, to - from);
        if (length > 0) {
            System.arraycopy(rest, KEPT + length, rest, KEPT, KEPT - length);
            System.arraycopy(bytes, to - length, rest, 2 * KEPT - length, length);
        }
    }

    private void line(byte[] bytes, int from, int to) {
        if (to - from < EVENT.length - 1) {
            isErrorNamed = isErrorNamed && to > from;
            return;
        }
        if (starts(bytes, from, to, EVENT)) {
            String line = text(bytes, from, to);
            isErrorNamed = HttpAnswers.namesError(line);
        } else if (starts(bytes, from, to, DATA)) {
            int data = from + DATA.length;
            while (data < to && bytes[data] == ' ') {
                data++;
            }
            data(bytes, from, data, to);
        }
    }

    private void data(byte[] bytes, int from, int data, int to) {
        if (data == to) {
            return;
        }
        if (kind == Kind.RPC) {
            rpc(bytes, data, to);
            return;
        }
        if (starts(bytes, data, to, DONE)) {
            hasEnded = true;
            return;
        }
        hasData = true;
        if (isErrorNamed || mayBeError(bytes, data, to)) {
            Outcome said = HttpAnswers.ofLine(text(bytes, from, to), isErrorNamed);
            failed = said != null ? said : failed;
        }
        switch (kind) {
            case CHAT -> filtered(bytes, data, to, FILTERED);
            case MESSAGES -> {
                hasEnded |= starts(bytes, data, to, STOP) || starts(bytes, data, to, STOP_SPACED);
                filtered(bytes, data, to, REFUSED);
            }
            case RESPONSES -> response(bytes, data, to);
            default -> {}
        }
    }

    /** The last event of a response says how it went, and bears all of it. */
    private void response(byte[] bytes, int data, int to) {
        int at = starts(bytes, data, to, TYPE)
                ? data + TYPE.length
                : starts(bytes, data, to, TYPE_SPACED) ? data + TYPE_SPACED.length : -1;
        if (at < 0) {
            return;
        }
        if (starts(bytes, at, to, COMPLETED)) {
            hasEnded = true;
        } else if (starts(bytes, at, to, INCOMPLETE)) {
            hasEnded = true;
            filtered(bytes, at, to, FILTERED);
        } else if (starts(bytes, at, to, FAILED)) {
            hasEnded = true;
            Outcome said = HttpAnswers.ofLine("data: " + text(bytes, data, to), true);
            failed = said != null ? said : Outcome.failure(FailureKind.SERVER_ERROR);
        }
    }

    /** Of the messages on the way only the answer says anything. */
    private void rpc(byte[] bytes, int data, int to) {
        byte[] message = Arrays.copyOfRange(bytes, data, to);
        if (RpcAnswers.isAnswer(message)) {
            hasData = true;
            hasEnded = true;
            Outcome said = RpcAnswers.judge(message, !cut);
            failed = said.isSuccess() ? failed : said;
        }
    }

    private void filtered(byte[] bytes, int from, int to, Needle mark) {
        int at = mark.indexIn(bytes, from, to);
        if (at > 0 && endsReason(bytes, from, at)) {
            failed = Outcome.failure(FailureKind.CONTENT_FILTERED);
        }
    }

    /** Whether the mark is the value of a field whose name ends with {@code reason}. */
    private static boolean endsReason(byte[] bytes, int from, int at) {
        int end = at - 1;
        while (end > from && (bytes[end] == ' ' || bytes[end] == ':')) {
            end--;
        }
        return end - 6 >= from && text(bytes, end - 6, end + 1).equals("reason\"");
    }

    private static boolean mayBeError(byte[] bytes, int from, int to) {
        if (bytes[from] != '{' || to - from < 9) {
            return false;
        }
        int at = from + 1;
        while (at < to && bytes[at] == ' ') {
            at++;
        }
        byte second = at + 1 < to ? bytes[at + 1] : 0;
        return second == 'e' || second == 't'; // "error" or "type"
    }

    private static boolean starts(byte[] bytes, int from, int to, byte[] wanted) {
        return to - from >= wanted.length && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
