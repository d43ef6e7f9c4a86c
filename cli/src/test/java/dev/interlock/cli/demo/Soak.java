package dev.interlock.cli.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server under the demo's fleet, ten times as fast as the clock, and under faults. In the first six tenths of the time
 * it is killed and stopped as well; the rest is one life, whose memory and threads are looked at. For one thread.
 */
final class Soak implements AutoCloseable {
    static final String FOUND = "overrides found again after a restart";

    private static final int SPEED = 10;
    private static final double MORTAL = 0.6;
    private static final int SAMPLES = 6;
    private static final int SOME = 5;
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Pattern HEAP =
            Pattern.compile("(?m)^jvm_memory_used_bytes\\{area=\"heap\"[^}]*} ([0-9.eE+-]+)$");
    private static final Pattern THREADS =
            Pattern.compile("(?m)^jvm_threads_live_threads(?:\\{[^}]*})? ([0-9.eE+-]+)$");
    private static final String[] NONSENSE = {
        "GET / HTTP/1.1\r\n\r\n\r\n",
        "POST /api/v1/circuits/a/outcomes HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{",
        "\u0000\u0001\u0002 nonsense \r\n\r\n",
        "GET /api/v1/circuits/%00%ff%2f..%2f HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /api/v1/logs/batch HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    };

    /** What happens to the server; the first two end its life. */
    private enum Fault {
        KILLED,
        STOPPED,
        FROZEN,
        DATABASE_LOCKED,
        NONSENSE,
        DEAF_CLIENTS
    }

    private final Random random;
    private final SoakFindings findings;
    private final SoakServer server;
    private final SoakClient client;
    private final Tally tally = new Tally();
    private final LiveStage stage = new LiveStage(SPEED);
    private final HttpGate gate;
    private final SoakLooker looker;
    private final Thread looking;
    private final CountDownLatch never = new CountDownLatch(1);
    private final Api viewer;
    private volatile boolean over;
    private long began;

    Soak(Path folder, long seed, SoakFindings findings) throws IOException, InterruptedException {
        this.findings = findings;
        random = new Random(seed);
        server = new SoakServer(folder);
        client = new SoakClient(server.address());
        Api admin = Api.of(server.address(), server.adminKey());
        Rules.of(SPEED)
                .forEach((pattern, settings) -> admin.demand(
                        "PUT", "/api/v1/policies/" + URLEncoder.encode(pattern, StandardCharsets.UTF_8), settings));
        viewer = admin.as(key(admin, "viewer"));
        Cast cast = new Cast();
        gate = new HttpGate(admin.as(key(admin, "agent")), stage, SPEED, cast::isTraced);
        Fleet fleet = new Fleet(
                seed,
                cast,
                stage,
                gate,
                tally,
                new Narrator(cast, stage, tally, line -> findings.count("lines of the story")));
        looker = new SoakLooker(client, server.adminKey(), findings, seed, () -> over);
        looking = new Thread(looker::run, "soak-looker");
        stage.execute(fleet::begin);
    }

    private static String key(Api admin, String role) {
        return admin.demand("POST", "/api/v1/keys", Map.of("name", "fleet " + role, "role", role))
                .path("key")
                .asText();
    }

    void run(Duration length) throws Exception {
        looking.start();
        while (looker.acknowledged() < SOME) {
            pass(50); // so that there is something to be found after the first kill
        }
        began = System.nanoTime();
        long mortal = (long) (length.toNanos() * MORTAL);
        long each = (length.toNanos() - mortal) / SAMPLES;
        boolean isLong = length.compareTo(LONG) >= 0;
        strike(Fault.KILLED);
        while (age() < mortal) {
            pass(isLong ? 2_000 + random.nextInt(5_000) : 500 + random.nextInt(1_500));
            strike(Fault.values()[random.nextInt(Fault.values().length)]);
        }
        long lastLife = System.nanoTime();
        for (int i = 1; i <= SAMPLES; i++) {
            while (age() < mortal + i * each) {
                pass(500 + random.nextInt(1_500));
                strike(Fault.values()[2 + random.nextInt(Fault.values().length - 2)]);
            }
            sample(lastLife);
        }
        over = true;
        looking.join();
        findings.add("seconds", (System.nanoTime() - began) / 1_000_000_000L);
        findings.add("calls of the fleet", tally.calls());
        findings.add("calls of the fleet that failed", tally.failures());
        findings.add("calls of the fleet that were refused", tally.refusals());
        if (isLong) {
            expectThatItStaysFlat();
        }
    }

    private long age() {
        return System.nanoTime() - began;
    }

    private void strike(Fault fault) throws Exception {
        findings.count(
                "faults: " + fault.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
        looker.workingTime().stop();
        try {
            carryOut(fault);
        } finally {
            looker.workingTime().goOn();
        }
    }

    private void carryOut(Fault fault) throws Exception {
        switch (fault) {
            case KILLED -> {
                server.kill();
                findings.started(server.start());
                looker.reborn();
            }
            case STOPPED -> {
                int code = server.stop();
                findings.expect(code == 0, "a server that was asked to stop ended with " + code);
                findings.started(server.start());
                looker.reborn();
            }
            case FROZEN -> {
                server.freeze();
                pass(500 + random.nextInt(2_500));
                server.thaw();
            }
            case DATABASE_LOCKED -> lockDatabase();
            case NONSENSE -> sendNonsense();
            case DEAF_CLIENTS -> listenWithoutHearing();
        }
    }

    /** Nobody else can write while this lasts. */
    private void lockDatabase() throws SQLException, InterruptedException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + server.database());
                Statement statement = database.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 10000");
            statement.execute("BEGIN IMMEDIATE");
            pass(500 + random.nextInt(4_000));
            statement.execute("ROLLBACK");
        }
    }

    private void sendNonsense() throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
                OutputStream out = socket.getOutputStream();
                out.write(NONSENSE[random.nextInt(NONSENSE.length)].getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            } catch (IOException refused) {
                findings.count("nonsense that was not even taken");
            }
            int status = client.post("/api/v1/circuits/nobody/outcomes", "no key", "{\"outcome\"")
                    .status();
            findings.expect(status / 100 == 4, "nonsense was answered " + status);
        }
    }

    private void listenWithoutHearing() throws InterruptedException {
        List<WebSocket> deaf = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            deaf.add(viewer.listen(new WebSocket.Listener() {
                @Override
                public void onOpen(WebSocket socket) {
                    // asks for no message
                }
            }));
        }
        pass(500 + random.nextInt(2_500));
        deaf.forEach(WebSocket::abort);
    }

    private void sample(long since) throws IOException, InterruptedException {
        server.collectGarbage();
        String figures = client.get("/metrics", server.adminKey()).body();
        double heap = sum(HEAP, figures) / (1 << 20);
        findings.sample(
                new SoakFindings.Sample((System.nanoTime() - since) / 1_000_000_000L, heap, server.residentMib(), (long)
                        sum(THREADS, figures)));
    }

    private static double sum(Pattern figure, String figures) {
        double sum = 0;
        for (Matcher each = figure.matcher(figures); each.find(); ) {
            sum += Double.parseDouble(each.group(1));
        }
        return sum;
    }

    private void expectThatItStaysFlat() {
        SoakFindings.Sample first = findings.samples().get(0);
        SoakFindings.Sample last = findings.samples().get(SAMPLES - 1);
        findings.expect(first.heap() > 0, "the server says how much memory it has");
        findings.expect(last.heap() <= 1.25 * first.heap() + 8, "memory grew: " + first + " to " + last);
        findings.expect(last.resident() <= 1.25 * first.resident() + 32, "the process grew: " + first + " to " + last);
        findings.expect(last.threads() <= first.threads() + 4, "threads grew: " + first + " to " + last);
    }

    /** Lets time pass: nobody counts the latch down. */
    private void pass(long millis) throws InterruptedException {
        never.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        looking.interrupt();
        stage.close();
        gate.close();
        server.kill();
    }
}
