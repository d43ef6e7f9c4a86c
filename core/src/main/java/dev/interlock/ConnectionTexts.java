package dev.interlock;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Ends of a connection and of a call that have no class of their own: clients report them as a plain {@link IOException}
 * with a text. An end of a file that an agent reads is none: it has the class of such an end and no such text.
 */
final class ConnectionTexts {
    /** In lower case, of the JDK's clients and of OkHttp; each begins the message or is part of it. */
    private static final List<String> BROKEN = List.of(
            "header parser received no bytes",
            "eof reached while reading",
            "fixed content-length:",
            "chunked transfer encoding, state:",
            "unexpected end of stream",
            "unexpected end of file from server",
            "premature eof",
            "connection reset",
            "broken pipe",
            "connection closed",
            "goaway",
            "rst_stream",
            "stream was reset",
            "too many concurrent streams",
            "stream refused",
            "request not processed by peer",
            "http2 connection closed",
            "closed by remote",
            "selector manager closed");

    private static final List<String> CANCELLED = List.of("canceled", "request cancelled", "request canceled");

    /** Of sockets that this process has closed, the last one by an interrupt of a virtual thread. */
    private static final List<String> OWN_SIDE = List.of("socket closed", "socket is closed", "closed by interrupt");

    /** Packages in which clients read what a connection sends. */
    private static final List<String> READERS = List.of(
            "okhttp3.internal.",
            "jdk.internal.net.http.",
            "sun.net.www.",
            "org.apache.http.impl.",
            "org.apache.hc.core5.http.impl.");

    private static final int NEAREST_FRAMES = 8;

    private ConnectionTexts() {}

    /** What class and text of an exception say about the connection together; null if they say nothing of it. */
    static @Nullable FailureKind kindOf(Throwable thrown) {
        if (thrown instanceof CancellationException) {
            // A time limit of coroutines is a cancellation by its class, and says by its name why.
            return thrown.getClass().getSimpleName().contains("Timeout") ? FailureKind.TIMEOUT : null;
        }
        if (thrown.getClass() == EOFException.class && isOfAClient(thrown)) {
            return FailureKind.CONNECTION;
        }
        String message = thrown instanceof IOException ? thrown.getMessage() : null;
        if (message == null) {
            return null;
        }
        Class<?> type = thrown.getClass();
        if (KnownFailures.of(type) == FailureKind.TIMEOUT) {
            return null; // whatever its text says: Spring's is "Request cancelled"
        }
        String text = message.strip().toLowerCase(Locale.ROOT);
        if (type == InterruptedIOException.class && (text.contains("timeout") || text.contains("timed out"))) {
            return FailureKind.TIMEOUT; // OkHttp, below many clients, ends a call that takes too long like this
        }
        if (thrown instanceof SocketException && OWN_SIDE.contains(text)) {
            return FailureKind.CANCELLED; // by one's own side: the other side's is a reset
        }
        if (type == IOException.class && text.equals("closed") && isByOwnSide(thrown) && isOfAClient(thrown)) {
            return FailureKind.CANCELLED; // a body of the JDK's client that its reader's side has closed
        }
        if (CANCELLED.contains(text) || text.startsWith("stream was reset: cancel")) {
            return FailureKind.CANCELLED;
        }
        boolean saysMore = type != IOException.class && type != EOFException.class;
        return !saysMore && BROKEN.stream().anyMatch(text::contains) ? FailureKind.CONNECTION : null;
    }

    /** Java 17 names no cause; 25 names what the body was about to read, and below it that it was cancelled. */
    private static boolean isByOwnSide(Throwable closed) {
        Throwable cause = closed.getCause();
        for (int depth = 0; cause != null && depth < 8; depth++) {
            if ("subscription cancelled".equals(cause.getMessage())) {
                return true;
            }
            cause = cause.getCause();
        }
        return closed.getCause() == null;
    }

    /** An end of input without a text is that of a connection if a client was reading. */
    private static boolean isOfAClient(Throwable thrown) {
        StackTraceElement[] frames = thrown.getStackTrace();
        for (int i = 0; i < Math.min(frames.length, NEAREST_FRAMES); i++) {
            String reader = frames[i].getClassName();
            if (READERS.stream().anyMatch(reader::startsWith)) {
                return true;
            }
        }
        return false;
    }
}
