package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java of docs/agent-log.md. */
class AgentLogSnippetsTest {
    private final List<LogEntry> entries = new ArrayList<>();

    @Test
    void a_logger_over_http() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> bodies = new ArrayList<>();
        server.createContext("/", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        URI address = URI.create("http://localhost:" + server.getAddress().getPort());
        String apiKey = "il_key";
        // tag::http[]
        try (AgentLogger log = AgentLogger.http(address, apiKey).build()) {
            try (Execution run = log.execution("planner")) {
                String plan = run.llmInference("kimi-k2").input("plan my day").call(() -> chat("plan my day"));
                run.decision("route", "by train, since it is cheaper");
                run.toolCall("calendar").input(plan).call(() -> save(plan));
            }
        } // sends what waits, for at most five seconds
        // end::http[]
        server.stop(0);
        assertThat(bodies.toString()).contains("kimi-k2", "route", "calendar");
    }

    @Test
    void what_a_call_without_a_guard_depends_on() {
        try (AgentLogger log = AgentLogger.to(this::take).build()) {
            // tag::depends[]
            try (Execution run = log.execution("planner")) {
                String plan = run.llmInference("kimi-k2")
                        .dependingOn("model:kimi-k2", "key:moonshot-1")
                        .call(() -> chat("plan my day"));
            }
            // end::depends[]
        }
        assertThat(entries.get(0).dependsOn()).containsExactly("model:kimi-k2", "key:moonshot-1");
    }

    @Test
    void a_logger_in_the_same_process_with_guards() {
        CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        EntrySink processor = this::take;
        // tag::guarded[]
        AgentLogger log = AgentLogger.to(processor).build();
        circuits.addListener(log.circuits()); // transitions, too
        Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");
        try (Execution run = log.execution("planner")) {
            String plan = run.llmInference("kimi-k2").guardedBy(planner).call(() -> chat("plan my day"));
            run.custom("cache").with("key", plan).succeed();
        }
        // end::guarded[]
        log.close();
        circuits.close();
        assertThat(entries).extracting(LogEntry::guarded).containsExactly(true, false);
    }

    @Test
    void details_by_hand_and_rules_of_ones_own() {
        EntrySink processor = this::take;
        // tag::details[]
        Redactor redactor = Redactor.standard().and(text -> text.replace("Project Falcon", "[redacted:project]"));
        AgentLogger log = AgentLogger.to(processor).redactor(redactor).build();
        try (Execution run = log.execution("planner");
                Action call = run.llmInference("kimi-k2").input("the budget of Project Falcon?")) {
            String answer = chat("the budget of Project Falcon?");
            call.tokens(812).costUsd(0.0031).output(answer);
            if (answer.isEmpty()) {
                call.fail(FailureKind.EMPTY_RESPONSE, "no text");
            } else {
                call.succeed();
            }
        } // an action that is closed unsettled is a failure
        // end::details[]
        log.close();
        assertThat(entries).first().extracting(LogEntry::inputSummary).isEqualTo("the budget of [redacted:project]?");
    }

    private Receipt take(LogBatch batch) {
        entries.addAll(batch.entries());
        return Receipt.ofAll(batch.entries().size());
    }

    private static String chat(String prompt) {
        return "answer to " + prompt;
    }

    private static String save(String plan) {
        return plan;
    }
}
