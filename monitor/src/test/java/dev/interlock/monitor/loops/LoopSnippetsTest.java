package dev.interlock.monitor.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.TimeSource;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.Execution;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.InMemoryLogStore;
import dev.interlock.monitor.LogProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java of docs/loops.md. */
class LoopSnippetsTest {
    private final List<String> shown = new ArrayList<>();

    @Test
    void a_guarded_call_of_an_execution_in_a_loop_is_refused() {
        CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        HealthMonitor monitor = HealthMonitor.start(circuits, HealthSettings.defaults());
        LogProcessor processor =
                new LogProcessor(monitor, new AgentRegistry(100), new InMemoryLogStore(100), TimeSource.system());
        Guard searcher = circuits.guard("searcher");
        // tag::loops[]
        LoopDetector loops = new LoopDetector(LoopSettings.defaults(), TimeSource.system());
        processor.findLoopsBy(loops, true, loop -> show(loop.agent() + ": " + loop.text()));
        AgentLogger log = AgentLogger.to(processor)
                .refusing(new LoopRefusals(loops, circuits, TimeSource.system()))
                .build();
        try (Execution run = log.execution("searcher")) {
            run.toolCall("search").input("{\"q\": \"x\"}").guardedBy(searcher).call(() -> search("x"));
        } // once it is in a loop, call is refused
        // end::loops[]
        try (Execution run = log.execution("searcher")) {
            for (int i = 0; i < 3; i++) {
                run.llmInference("kimi-k2").succeed();
                run.toolCall("search")
                        .input("{}")
                        .output("nothing")
                        .guardedBy(searcher)
                        .call(() -> search("x"));
            }
            log.flush();
            await().atMost(Duration.ofSeconds(30)).until(() -> loops.find("default", "searcher", run.id()) != null);
            assertThatThrownBy(() -> run.toolCall("search").guardedBy(searcher).call(() -> search("x")))
                    .isInstanceOfSatisfying(
                            CircuitOpenException.class,
                            refused -> assertThat(refused.gate().author()).isEqualTo("loop"));
        }
        assertThat(shown).singleElement().asString().startsWith("searcher: the same call of tool:search");
        assertThat(searcher.tryAcquire()).as("another execution").isNotNull();
        log.close();
        monitor.close();
        circuits.close();
    }

    private void show(String text) {
        shown.add(text);
    }

    private static String search(String query) {
        return "nothing for " + query;
    }
}
