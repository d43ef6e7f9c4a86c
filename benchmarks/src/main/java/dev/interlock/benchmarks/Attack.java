package dev.interlock.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * All attacks that we know at once, from one organization and from nobody, against a server in a process of its own on
 * this machine; and what a quiet organization notices of them: the p95 of its permits before, meanwhile and afterwards,
 * and the memory that the server holds. Ends with 1 if it answers slower than twice as before, or holds more than 1.3
 * times as much.
 */
public final class Attack {
    private static final double MOST_TIMES_SLOWER = 2;
    private static final double MOST_TIMES_MEMORY = 1.3;
    private static final long QUIET_PAUSE_MILLIS = 20;
    private static final String HEAP = "256m";

    /** One way to do harm, over and over. */
    private interface Harm {
        void once() throws IOException, InterruptedException;
    }

    private final HttpPeer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Thread> attackers = new ArrayList<>();
    private volatile boolean attacking = true;

    private Attack(HttpPeer server) {
        this.server = server;
    }

    /**
     * Runs it.
     *
     * @param arguments the server's jar, and for how many minutes, ten if left out
     */
    public static void main(String[] arguments) throws Exception {
        double minutes = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 10;
        Duration attack = Duration.ofMillis((long) (minutes * 60_000));
        Duration aside = Duration.ofMillis(Math.min(60_000, attack.toMillis()));
        boolean unharmed;
        try (HttpPeer server = HttpPeer.guarded(Path.of(arguments[0]), HEAP)) {
            unharmed = new Attack(server).run(attack, aside);
        }
        System.exit(unharmed ? 0 : 1); // only now: an exit closes nothing
    }

    private boolean run(Duration attack, Duration aside) throws IOException, InterruptedException {
        String quiet = server.key("quiet", "agent");
        measured(quiet, aside); // to warm up
        long memoryBefore = server.residentKib();
        double before = measured(quiet, aside);
        begin();
        double meanwhile = measured(quiet, attack);
        attacking = false;
        for (Thread each : attackers) {
            each.interrupt();
            each.join(TimeUnit.SECONDS.toMillis(30));
        }
        double after = measured(quiet, aside);
        long memoryAfter = server.residentKib();
        System.out.printf(
                Locale.ROOT,
                "permits of a quiet organization, p95: before %.2f ms, under attack %.2f ms, afterwards %.2f ms%n"
                        + "memory of the server: before %,d KiB, afterwards %,d KiB%n",
                before,
                meanwhile,
                after,
                memoryBefore,
                memoryAfter);
        return after <= MOST_TIMES_SLOWER * before && memoryAfter <= MOST_TIMES_MEMORY * memoryBefore;
    }

    /** The p95 of permits taken one after the other for a while, in milliseconds. */
    private double measured(String key, Duration time) throws IOException, InterruptedException {
        List<Long> took = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        do {
            long began = System.nanoTime();
            int status = call("POST", "/api/v1/circuits/calm/permits", key, "{}");
            took.add(System.nanoTime() - began);
            if (status != 200) {
                throw new IOException("The quiet organization was answered " + status);
            }
            Thread.sleep(QUIET_PAUSE_MILLIS);
        } while (System.nanoTime() < end);
        took.sort(null);
        return took.get(took.size() * 95 / 100) / 1e6;
    }

    private void begin() throws IOException, InterruptedException {
        String viewer = server.key("evil", "viewer");
        String operator = server.key("evil", "operator");
        String agent = server.key("evil", "agent");
        byte[] bomb = bomb();
        String logs = "{\"entries\":[" + String.join(",", Collections.nCopies(1_000, entry())) + "]}";
        attack("bomb", () -> bomb(viewer, bomb));
        for (int i = 0; i < 2; i++) {
            attack("logs", () -> call("POST", "/api/v1/logs/batch", agent, logs));
        }
        int[] number = new int[1];
        attack("metadata", () -> call("PUT", "/api/v1/agents/m" + number[0]++, operator, metadata()));
        for (int i = 0; i < 8; i++) {
            attack(
                    "unfinished",
                    () -> drip(head("POST", "/api/v1/logs/batch", agent) + "Content-Length: 8388608\r\n\r\n"
                            + " ".repeat(1_000_000)));
        }
        attack("guesses", () -> call("GET", "/api/v1/me", "guess-" + System.nanoTime(), null));
        attack(
                "framing",
                () -> once(
                        head("POST", "/api/v1/circuits/a/permits", agent)
                                + "Content-Length: 36\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
        for (int i = 0; i < 50; i++) {
            attack("drips", () -> drip("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "));
        }
    }

    /** Each on a thread of its own, until the time is over; that the server ends it is what it is for. */
    private void attack(String name, Harm harm) {
        Thread thread = new Thread(
                () -> {
                    while (attacking) {
                        try {
                            harm.once();
                            Thread.sleep(QUIET_PAUSE_MILLIS);
                        } catch (IOException refused) {
                            Thread.onSpinWait();
                        } catch (InterruptedException over) {
                            return;
                        }
                    }
                },
                "attack-" + name);
        thread.setDaemon(true);
        attackers.add(thread);
        thread.start();
    }

    private int call(String method, String path, String key, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static String head(String method, String path, String key) {
        return method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                + "\r\nContent-Type: application/json\r\n";
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
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
            while (attacking) {
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
