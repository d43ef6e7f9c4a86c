package dev.interlock.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link FakeProvider}: reads requests, writes answers, fails as an answer says. For one thread. */
final class Wire {
    private static final int LONGEST_LINE = 65_536;
    private static final String CHUNKED = "chunked";

    private final Socket connection;
    private final InputStream in;
    private final OutputStream out;
    private final CountDownLatch ended;

    Wire(Socket connection, CountDownLatch ended) throws IOException {
        this.connection = connection;
        this.ended = ended;
        connection.setTcpNoDelay(true);
        in = new BufferedInputStream(connection.getInputStream());
        out = connection.getOutputStream();
    }

    /** The next request; null if the client has closed the connection. */
    @Nullable
    ReceivedRequest read() throws IOException {
        String first = line();
        if (first == null) {
            return null;
        }
        String[] words = first.split(" ", 3);
        if (words.length < 3) {
            throw new IOException("No request line: " + first);
        }
        Map<String, String> headers = headers();
        if ("100-continue".equalsIgnoreCase(headers.get("expect"))) {
            write("HTTP/1.1 100 Continue\r\n\r\n");
        }
        return new ReceivedRequest(words[0], words[1], headers, body(headers).toString(UTF_8));
    }

    /** Writes an answer; false if the connection is not to be used any more. */
    boolean write(Answer answer) throws IOException, InterruptedException {
        if (!passes(answer.delay)) {
            return false;
        }
        if (answer.hasStatus()) {
            write(head(answer));
            for (Answer.Piece piece : answer.pieces) {
                if (!passes(piece.after())) {
                    return false;
                }
                write(piece.bytes(), answer.chunked);
            }
        }
        return end(answer);
    }

    private boolean end(Answer answer) throws IOException, InterruptedException {
        switch (answer.ending) {
            case WHOLE -> {
                if (answer.chunked) {
                    write("0\r\n\r\n");
                }
            }
            case RESET -> connection.setSoLinger(true, 0);
            case STALLED -> ended.await();
            case CLOSED -> connection.shutdownOutput();
            case CLOSED_IN_CHUNK -> {
                write("64\r\ndata: ha");
                connection.shutdownOutput();
            }
        }
        return answer.ending == Answer.Ending.WHOLE;
    }

    private static String head(Answer answer) {
        StringBuilder head =
                new StringBuilder("HTTP/1.1 ").append(answer.status).append(" Scripted\r\n");
        answer.headers.forEach(line -> head.append(line).append("\r\n"));
        if (answer.chunked) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (answer.status != 204 && answer.status != 304) {
            int length = answer.pieces.stream()
                    .mapToInt(piece -> piece.bytes().length)
                    .sum();
            boolean whole = answer.ending == Answer.Ending.WHOLE;
            head.append("Content-Length: ").append(whole ? length : length + 1).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private void write(byte[] bytes, boolean chunked) throws IOException {
        if (chunked) {
            write(Integer.toHexString(bytes.length) + "\r\n");
        }
        out.write(bytes);
        if (chunked) {
            write("\r\n");
        }
        out.flush();
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
        out.flush();
    }

    /** Whether a time passes before the provider ends. */
    private boolean passes(Duration time) throws InterruptedException {
        return time.isZero() || !ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        while (true) {
            String line = line();
            if (line == null) {
                throw new EOFException("The client closed the connection within the headers");
            }
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
    }

    private ByteArrayOutputStream body(Map<String, String> headers) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (CHUNKED.equalsIgnoreCase(headers.get("transfer-encoding"))) {
            for (int size = chunkSize(); size > 0; size = chunkSize()) {
                body.write(in.readNBytes(size));
                line();
            }
            headers().clear(); // trailers
        } else if (headers.containsKey("content-length")) {
            body.write(in.readNBytes(Integer.parseInt(headers.get("content-length"))));
        }
        return body;
    }

    private int chunkSize() throws IOException {
        String line = line();
        if (line == null) {
            throw new EOFException("The client closed the connection within a chunk");
        }
        return Integer.parseInt(line.split(";", 2)[0].strip(), 16);
    }

    private @Nullable String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                String text = line.toString(ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            if (line.size() == LONGEST_LINE) {
                throw new IOException("A line of more than " + LONGEST_LINE + " bytes");
            }
            line.write(next);
        }
        return null;
    }
}
