package dev.interlock.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * All attacks that we know, at once, in a process of their own with the least priority: it gets the processor time that
 * the server and the quiet client do not want, so that what these notice is the server's work and not the attackers'.
 */
final class Attackers {
    private static final long PAUSE_MILLIS = 20;
    private static final String STARTED = "attacking";

    /** One way to do harm, over and over. */
    private interface Harm {
        void once() throws IOException, InterruptedException;
    }

    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private final LongAdder times = new LongAdder();

    private Attackers(int port) {
        this.port = port;
    }

    /** Attacks the server on a port with keys of a viewer, an operator and an agent until its input ends. */
    public static void main(String[] arguments) throws IOException {
        Attackers attackers = new Attackers(Integer.parseInt(arguments[0]));
        attackers.begin(arguments[1], arguments[2], arguments[3]);
        System.out.println(STARTED);
        while (System.in.read() >= 0) {
            Thread.onSpinWait();
        }
        System.out.println(attackers.times.sum());
        System.exit(0);
    }

    /** Starts a process that attacks; it ends when its input does, and then says how many times it attacked. */
    static Process start(int port, String viewer, String operator, String agent) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        "nice",
                        "-n",
                        "19",
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Attackers.class.getName(),
                        Integer.toString(port),
                        viewer,
                        operator,
                        agent))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!STARTED.equals(process.inputReader().readLine())) {
            throw new IOException("The attackers did not start");
        }
        return process;
    }

    private void begin(String viewer, String operator, String agent) {
        byte[] bomb = bomb();
        String logs = "{\"entries\":[" + String.join(",", Collections.nCopies(1_000, entry())) + "]}";
        attack(() -> bomb(viewer, bomb));
        for (int i = 0; i < 2; i++) {
            attack(() -> call("POST", "/api/v1/logs/batch", agent, logs));
        }
        int[] number = new int[1];
        attack(() -> call("PUT", "/api/v1/agents/m" + number[0]++, operator, metadata()));
        for (int i = 0; i < 8; i++) {
            attack(() -> drip(head("POST", "/api/v1/logs/batch", agent) + "Content-Length: 8388608\r\n\r\n"
                    + " ".repeat(1_000_000)));
        }
        attack(() -> call("GET", "/api/v1/me", "guess-" + System.nanoTime(), null));
        attack(
                () -> once(
                        head("POST", "/api/v1/circuits/a/permits", agent)
                                + "Content-Length: 36\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
        for (int i = 0; i < 50; i++) {
            attack(() -> drip("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "));
        }
    }

    /** Each on a thread of its own; that the server ends it is what it is for. */
    private void attack(Harm harm) {
        Thread thread = new Thread(() -> {
            while (true) {
                times.increment();
                try {
                    harm.once();
                    Thread.sleep(PAUSE_MILLIS);
                } catch (IOException refused) {
                    Thread.onSpinWait();
                } catch (InterruptedException over) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void call(String method, String path, String key, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        client.send(request, HttpResponse.BodyHandlers.discarding());
    }

    private static String head(String method, String path, String key) {
        return method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                + "\r\nContent-Type: application/json\r\n";
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(1_000);
        return socket;
    }

    private void once(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            in.readNBytes(1);
        }
    }

    /** Sends the beginning, then a byte now and then until the server closes. */
    private void drip(String beginning) throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                socket.getOutputStream().write(' ');
                Thread.sleep(500);
            }
        }
    }

    private void bomb(String key, byte[] frame) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write((head("GET", "/api/v1/stream", key)
                                    + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                                    + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(12);
            socket.getOutputStream().write(frame);
            socket.getInputStream().readNBytes(1_000);
        }
    }

    /** A frame of 58 KB that would inflate to 60 MB. */
    private static byte[] bomb() {
        Deflater deflater = new Deflater(9, true);
        byte[] zeros = new byte[1_000_000];
        byte[] piece = new byte[65_536];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            deflater.setInput(zeros);
            while (!deflater.needsInput()) {
                all.write(piece, 0, deflater.deflate(piece));
            }
        }
        all.write(piece, 0, deflater.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH));
        deflater.end();
        byte[] payload = Arrays.copyOf(all.toByteArray(), all.size() - 4);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(
                new byte[] {(byte) 0xC1, (byte) 0xFE, (byte) (payload.length >> 8), (byte) payload.length, 0, 0, 0, 0});
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    private static String entry() {
        return "{\"agent_id\":\"x-1\",\"action_type\":\"custom\",\"status\":\"success\",\"timestamp\":\""
                + Instant.now() + "\",\"input_summary\":\"" + "x".repeat(1_900) + "\",\"output_summary\":\""
                + "y".repeat(1_900) + "\"}";
    }

    private static String metadata() {
        StringBuilder json = new StringBuilder("{\"metadata\":{");
        for (int i = 0; i < 62; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("\"a-name-of-some-length-")
                    .append(i)
                    .append("\":\"")
                    .append("v".repeat(1_000))
                    .append('"');
        }
        return json.append("}}").toString();
    }
}
