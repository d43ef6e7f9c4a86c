package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.Heard;
import dev.interlock.server.RunningServer;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets whose clients mean harm: what they send is never inflated, gathered or answered without bound. */
@Tag("heavy")
class HostileStreamTest {
    private static final int INFLATED = 60_000_000;
    private static final String OFFER = "Sec-WebSocket-Extensions: ";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_no_context_takeover",
                "x-webkit-deflate-frame",
                "deflate-frame",
                "permessage-bzip2, permessage-deflate"
            })
    void no_offered_extension_is_accepted(String extension) {
        try (RawStream stream = new RawStream(server, "viewer@hostile", OFFER + extension + "\r\n")) {
            assertThat(stream.handshake()).doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
        }
    }

    /** Four frames of 58 KB hold 60 MB of zeros each; inflated, they kept every event loop busy for a minute. */
    @Test
    void a_compression_bomb_is_not_inflated_and_hinders_nobody() throws Exception {
        byte[] bomb = bomb();
        assertThat(bomb.length).isLessThan(65_536);
        List<RawStream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                streams.add(new RawStream(server, "viewer@hostile", OFFER + "permessage-deflate\r\n"));
            }
            streams.forEach(stream -> stream.send(RawStream.FINAL | RawStream.RSV1 | RawStream.TEXT, bomb));
            for (int i = 0; i < 8; i++) {
                assertThat(health().statusCode()).isEqualTo(200);
            }
            for (RawStream stream : streams) {
                assertThat(stream.closeCode()).isEqualTo(1002);
            }
        } finally {
            streams.forEach(RawStream::close);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x20, 0x10, 0x70})
    void a_reserved_bit_without_an_extension_is_a_protocol_error(int bits) {
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            stream.send(RawStream.FINAL | bits | RawStream.TEXT, RawStream.bytes("{\"type\":\"ping\"}"));
            assertThat(stream.closeCode()).isEqualTo(1002);
        }
    }

    @Test
    void text_that_is_no_utf_8_is_refused_in_one_frame_and_over_several() {
        byte[] half = {'"', (byte) 0xC3};
        for (byte[] bad : List.of(
                half, new byte[] {(byte) 0xC0, (byte) 0x80}, new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})) {
            try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
                stream.send(RawStream.FINAL | RawStream.TEXT, bad);
                assertThat(stream.closeCode()).as(Arrays.toString(bad)).isEqualTo(1007);
            }
        }
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            stream.send(RawStream.TEXT, half).send(RawStream.FINAL | RawStream.CONTINUATION, new byte[] {'"'});
            assertThat(stream.closeCode()).isEqualTo(1007);
        }
    }

    @Test
    void a_character_that_two_frames_share_is_one_character() {
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            stream.send(RawStream.TEXT, new byte[] {'"', (byte) 0xC3})
                    .send(RawStream.FINAL | RawStream.CONTINUATION, new byte[] {(byte) 0xBC, '"'})
                    .send(RawStream.FINAL | 8, new byte[] {3, (byte) 0xE8});
            assertThat(stream.closeCode()).isEqualTo(1000);
        }
    }

    @Test
    void empty_fragments_without_end_are_ended() {
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            stream.send(RawStream.TEXT, new byte[0]);
            byte[] fragment = RawStream.frame(RawStream.CONTINUATION, new byte[0]);
            for (int i = 0; i < 10_000 && stream.connection().trySend(fragment); i++) {
                // until the server has had enough
            }
            assertThat(stream.closeCode()).isEqualTo(1008);
        }
    }

    @Test
    void a_message_in_large_fragments_ends_at_the_limit() {
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            byte[] part = new byte[3_000];
            Arrays.fill(part, (byte) ' ');
            stream.send(RawStream.TEXT, part).send(RawStream.CONTINUATION, part);
            assertThat(stream.closeCode()).isEqualTo(1009);
        }
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            stream.send(RawStream.FINAL | RawStream.TEXT, new byte[70_000]);
            assertThat(stream.closeCode()).isEqualTo(1009);
        }
    }

    /** A client that pings and never reads had the server keep megabytes of pongs, and a stack trace in its log. */
    @Test
    void pings_without_reading_are_cut_without_noise() {
        byte[] pings = repeated(RawStream.frame(RawStream.FINAL | RawStream.PING, new byte[125]), 500);
        try (Heard heard = new Heard();
                RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            await().atMost(Duration.ofSeconds(30))
                    .pollDelay(Duration.ZERO)
                    .until(() -> !stream.connection().trySend(pings));
            assertThat(server.get("/healthz", null).statusCode()).isEqualTo(200);
            assertThat(heard.warnings())
                    .as("of servers of other tests that lose their stores at this moment it says nothing")
                    .allMatch(each -> each.startsWith("dev.interlock.redis") || each.startsWith("dev.interlock.jdbc"));
        }
    }

    @Test
    void honest_pings_go_on_being_answered() {
        try (RawStream stream = new RawStream(server, "viewer@hostile", "")) {
            for (int i = 0; i < 20; i++) {
                stream.send(RawStream.FINAL | RawStream.PING, new byte[] {'p'});
            }
            stream.send(RawStream.FINAL | 8, new byte[] {3, (byte) 0xE8});
            assertThat(stream.closeCode()).isEqualTo(1000);
        }
    }

    private static HttpResponse<String> health() throws InterruptedException, ExecutionException {
        return CompletableFuture.supplyAsync(() -> server.get("/healthz", null))
                .orTimeout(15, TimeUnit.SECONDS)
                .get();
    }

    private static byte[] bomb() {
        Deflater deflater = new Deflater(9, true);
        byte[] zeros = new byte[1_000_000];
        byte[] piece = new byte[65_536];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < INFLATED / zeros.length; i++) {
            deflater.setInput(zeros);
            while (!deflater.needsInput()) {
                all.write(piece, 0, deflater.deflate(piece));
            }
        }
        int length = deflater.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH);
        all.write(piece, 0, length);
        deflater.end();
        return Arrays.copyOf(all.toByteArray(), all.size() - 4);
    }

    private static byte[] repeated(byte[] frame, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }
}
