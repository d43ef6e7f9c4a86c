package dev.interlock.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many long batches of outcomes at a time, on a server with one event loop: between two other requests it works off a
 * millisecond of them, and not a piece of each connection. What it works off is counted, so that the speed of the machine
 * plays no part.
 */
@Tag("heavy")
@Tag("thorough")
class LongBodiesInTurnsTest {
    private static final int CONNECTIONS = 100;
    private static final int ASKED = 41;

    /** What the network brings of a connection at a time. */
    private static final int PIECE = 65_536;

    private static final String ENTRY = "{\"agent_id\":\"flood\",\"outcome\":\"success\",\"duration_ms\":%d}\n";

    @ParameterizedTest
    @ValueSource(strings = {"identity", "gzip"})
    void other_requests_come_between(String coding) throws Exception {
        byte[] lines = lines(20 * PIECE);
        byte[] body = coding.equals("gzip") ? gzip(lines) : lines;
        int entriesOfAPiece = PIECE / ENTRY.length();
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> flood = new ArrayList<>();
        try (RunningServer server = new RunningServer(Map.of("event-loops", "1"))) {
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    Thread sender = new Thread(() -> send(server, coding, body, done), "flood");
                    flood.add(sender);
                    sender.start();
                }
                List<Long> between = new ArrayList<>();
                long before = counted(server);
                while (before < 10L * CONNECTIONS) { // until it has begun
                    before = counted(server);
                }
                for (int i = 0; i < ASKED; i++) {
                    long now = counted(server);
                    between.add(now - before);
                    before = now;
                }
                Collections.sort(between);
                System.out.println(coding + ": entries between two requests " + between);

                assertThat(between.get(ASKED / 2))
                        .as("of %s connections with %s entries each", CONNECTIONS, entriesOfAPiece)
                        .isLessThan(entriesOfAPiece * CONNECTIONS / 5L);
                assertThat(between.get(ASKED - 1)).as("the flood goes on").isPositive();
            } finally {
                done.set(true);
                for (Thread sender : flood) {
                    sender.join();
                }
            }
        }
    }

    private static long counted(RunningServer server) {
        return RunningServer.json(server.get("/api/v1/circuits/flood", "viewer@evil"))
                .getLong("success_count");
    }

    private static void send(RunningServer server, String coding, byte[] body, AtomicBoolean done) {
        String head = RawConnection.head("POST", "/api/v1/outcomes", "agent@evil")
                + "Content-Type: application/x-ndjson\r\nContent-Encoding: " + coding + "\r\nContent-Length: "
                + body.length + "\r\n\r\n";
        try (RawConnection connection = new RawConnection(server)) {
            boolean open = true;
            while (open && !done.get()) {
                open = connection.trySend(head.getBytes(US_ASCII));
                for (int from = 0; open && from < body.length && !done.get(); from += PIECE) {
                    open = connection.trySend(Arrays.copyOfRange(body, from, Math.min(from + PIECE, body.length)));
                }
            }
        }
    }

    private static byte[] lines(int length) {
        Random random = new Random(10);
        StringBuilder lines = new StringBuilder(length + 100);
        while (lines.length() < length) {
            lines.append(String.format(ENTRY, random.nextInt(1_000_000)));
        }
        return lines.toString().getBytes(US_ASCII);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
