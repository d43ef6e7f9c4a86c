package dev.interlock.cli.demo;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The agent of the demo that has no line of ours is there all the same. */
@Tag("slow")
class TracedAgentTest {
    @Test
    void its_calls_are_in_the_log_and_come_from_traces() {
        CompletableFuture<Demo.Welcome> welcomed = new CompletableFuture<>();
        try (Demo demo = new Demo(new Demo.Options(0, 1, true))) {
            demo.start(welcomed::complete, line -> {});
            Demo.Welcome welcome = welcomed.join();
            Api viewer = Api.of(welcome.address().resolve("/"), welcome.viewerKey());
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> viewer.send("GET", "/api/v1/agents/translator/logs?action_type=llm_inference", null)
                            .join()
                            .body()
                            .path("logs")
                            .path(0)
                            .path("metadata")
                            .path("source")
                            .asText()
                            .equals("traces"));
        }
    }
}
