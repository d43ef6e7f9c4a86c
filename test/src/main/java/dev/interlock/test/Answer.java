package dev.interlock.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link FakeProvider} does with one request: a status with headers and a body, the pieces of a stream, or one of
 * the ways in which a connection fails. Immutable and safe for use by any thread.
 */
public final class Answer {
    /** How the connection goes on once the pieces are written. */
    enum Ending {
        /** As HTTP wants it: the connection is kept. */
        WHOLE,
        /** Closed in order (FIN), whatever is missing. */
        CLOSED,
        /** Closed in order (FIN), within a chunk that is announced as longer. */
        CLOSED_IN_CHUNK,
        /** Reset (RST), whatever is missing. */
        RESET,
        /** Nothing more, and the connection stays open, until the provider ends. */
        STALLED
    }

    /** Part of a body, and how long the provider waits before it writes it. */
    @SuppressWarnings("ArrayRecordComponent") // never handed out
    record Piece(byte[] bytes, Duration after) {}

    private static final Answer NOTHING = new Answer(0, List.of(), List.of(), false, Ending.CLOSED, Duration.ZERO);

    final int status;
    final List<String> headers;
    final List<Piece> pieces;
    final boolean chunked;
    final Ending ending;
    final Duration delay;

    private Answer(
            int status, List<String> headers, List<Piece> pieces, boolean chunked, Ending ending, Duration delay) {
        this.status = status;
        this.headers = headers;
        this.pieces = pieces;
        this.chunked = chunked;
        this.ending = ending;
        this.delay = delay;
    }

    /**
     * A status without a body.
     *
     * @param status 200 to 599
     * @return an answer that can be changed further
     * @throws IllegalArgumentException if it is another number
     */
    public static Answer status(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status must be 200 to 599, but was " + status);
        }
        return new Answer(status, List.of(), List.of(), false, Ending.WHOLE, Duration.ZERO);
    }

    /**
     * A body of JSON, with status 200.
     *
     * @param json sent as it is
     * @return an answer that can be changed further
     */
    public static Answer json(String json) {
        return json(200, json);
    }

    /**
     * A body of JSON.
     *
     * @param status 200 to 599
     * @param json sent as it is
     * @return an answer that can be changed further
     */
    public static Answer json(int status, String json) {
        return status(status).withHeader("Content-Type", "application/json").withBody(json);
    }

    /**
     * A stream of server-sent events with status 200, each in a chunk of its own. It ends in order, unless one of
     * {@link #thenClosed}, {@link #thenReset} and {@link #thenStalled} says otherwise.
     *
     * @param data the text after {@code data:} in each event
     * @return an answer that can be changed further
     */
    public static Answer events(String... data) {
        Answer answer = new Answer(
                200, List.of("Content-Type: text/event-stream"), List.of(), true, Ending.WHOLE, Duration.ZERO);
        for (String each : data) {
            answer = answer.thenEvent(Duration.ZERO, each);
        }
        return answer;
    }

    /**
     * The request is read, and the connection closed in order (FIN), without a byte of an answer.
     *
     * @return what a provider does that hangs up
     */
    public static Answer hangUp() {
        return NOTHING;
    }

    /**
     * The request is read, and the connection reset (RST), without a byte of an answer.
     *
     * @return what a provider does that crashes
     */
    public static Answer reset() {
        return NOTHING.ending(Ending.RESET);
    }

    /**
     * The request is read and never answered; the connection stays open until the provider ends.
     *
     * @return what a provider does that hangs
     */
    public static Answer stall() {
        return NOTHING.ending(Ending.STALLED);
    }

    /**
     * With one more header line.
     *
     * @param name its name
     * @param value its value, sent as it is
     * @return the answer with it
     * @throws IllegalArgumentException if one has a line break
     */
    public Answer withHeader(String name, String value) {
        if (name.matches("(?s).*[\\r\\n:].*") || value.matches("(?s).*[\\r\\n].*")) {
            throw new IllegalArgumentException("A header has one line, but was " + name + ": " + value);
        }
        List<String> more = new ArrayList<>(headers);
        more.add(name + ": " + value);
        return new Answer(status, List.copyOf(more), pieces, chunked, ending, delay);
    }

    /**
     * With a {@code Retry-After} in whole seconds.
     *
     * @param wait rounded up to a second
     * @return the answer with it
     */
    public Answer withRetryAfter(Duration wait) {
        return withHeader(
                "Retry-After", Long.toString(wait.plusNanos(999_999_999).toSeconds()));
    }

    /**
     * With this body in place of what was there.
     *
     * @param text sent as UTF-8
     * @return the answer with it
     */
    public Answer withBody(String text) {
        return new Answer(
                status, headers, List.of(new Piece(text.getBytes(UTF_8), Duration.ZERO)), chunked, ending, delay);
    }

    /**
     * One more event of a stream.
     *
     * @param after how long the provider waits before it
     * @param data the text after {@code data:}
     * @return the answer with it
     */
    public Answer thenEvent(Duration after, String data) {
        return then(after, "data: " + data + "\n\n");
    }

    /**
     * One more piece of a body, as it is.
     *
     * @param after how long the provider waits before it
     * @param text sent as UTF-8
     * @return the answer with it
     */
    public Answer then(Duration after, String text) {
        List<Piece> more = new ArrayList<>(pieces);
        more.add(new Piece(text.getBytes(UTF_8), after));
        return new Answer(status, headers, List.copyOf(more), chunked, ending, delay);
    }

    /**
     * After the pieces so far the connection is closed in order (FIN), in the middle of the body: a stream has no last
     * chunk then, another body is announced as one byte longer than it is.
     *
     * @return the answer that is cut
     */
    public Answer thenClosed() {
        return ending(Ending.CLOSED);
    }

    /**
     * After the pieces so far the connection is reset (RST).
     *
     * @return the answer that is cut
     */
    public Answer thenReset() {
        return ending(Ending.RESET);
    }

    /**
     * After the pieces so far the connection is closed in order (FIN), in the middle of a chunk of a stream.
     *
     * @return the answer that is cut
     * @throws IllegalStateException if the answer does not come in chunks, as {@link #events} do
     */
    public Answer thenClosedInChunk() {
        if (!chunked) {
            throw new IllegalStateException("Only an answer in chunks can be cut within one. Maybe Answer.events(…)");
        }
        return ending(Ending.CLOSED_IN_CHUNK);
    }

    /**
     * After the pieces so far nothing more comes, and the connection stays open until the provider ends.
     *
     * @return the answer that stalls
     */
    public Answer thenStalled() {
        return ending(Ending.STALLED);
    }

    /**
     * With a wait before the first byte.
     *
     * @param wait by the real clock
     * @return the answer that comes later
     */
    public Answer after(Duration wait) {
        return new Answer(status, headers, pieces, chunked, ending, wait);
    }

    private Answer ending(Ending other) {
        return new Answer(status, headers, pieces, chunked, other, delay);
    }

    boolean hasStatus() {
        return status != 0;
    }

    @Override
    public String toString() {
        return (hasStatus() ? status + " " : "") + headers + " " + ending;
    }
}
