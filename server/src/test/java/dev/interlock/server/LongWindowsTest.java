package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** An admin whose policy asks for the longest window pays for it with calls: none is taken from the memory of others. */
class LongWindowsTest {
    private static final int CIRCUITS = 20_000;

    /** Of each circuit, its window and health included; the window alone had 25,000. */
    private static final long MOST_BYTES = 6_000;

    @Test
    void the_longest_window_takes_memory_with_its_failures() {
        try (RunningServer server = new RunningServer()) {
            JsonObject policy = new JsonObject()
                    .put("window_calls", 100_000)
                    .put("min_requests_for_rate", 100_000)
                    .put("failure_threshold", null)
                    .put("slow_call_duration", "1s")
                    .put("slow_call_rate_threshold", 1.0);
            assertThat(server.send("PUT", "/api/v1/policies/*", "admin@evil", policy.encode())
                            .statusCode())
                    .isEqualTo(200);
            report(server, "warm-up");
            long before = used();
            report(server, "long");

            assertThat((used() - before) / CIRCUITS).as("bytes of a circuit").isLessThan(MOST_BYTES);
        }
    }

    private static void report(RunningServer server, String prefix) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < CIRCUITS; i++) {
            lines.append("{\"agent_id\":\"").append(prefix).append(i).append("\",\"outcome\":\"failure\"}\n");
        }
        HttpResponse<String> answer = server.send(server.request("/api/v1/outcomes", "agent@evil")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines.toString()))
                .build());
        assertThat(RunningServer.json(answer).getInteger("counted")).isEqualTo(CIRCUITS);
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
