package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Budgets and webhooks as people type them, against a real server and a real receiver. */
class BudgetCommandsTest {
    private static RunningServer server;

    private final Typed typed = new Typed();

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of("outbound-hosts", "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private int as(String caller, String... args) {
        return typed.as(server, caller, args);
    }

    @Test
    void a_budget_is_set_used_up_shown_raised_and_removed() {
        assertThat(as(
                        "admin@spent",
                        "budgets",
                        "set",
                        "writers",
                        "pattern=writer-*",
                        "per=day",
                        "calls=2",
                        "tokens=5000"))
                .isZero();
        assertThat(typed.out()).isEqualTo("writers: in effect\n");
        assertThat(as("viewer@spent", "budgets", "show", "writers")).isZero();
        assertThat(typed.lines())
                .containsExactly("writer-*, per day: 5000 tokens, 2 calls", "Nobody has used any of it");
        for (int i = 0; i < 2; i++) {
            assertThat(server.post(
                                    "/api/v1/circuits/writer-1/outcomes",
                                    "agent@spent",
                                    "{\"outcome\":\"success\",\"tokens_in\":1200,\"tokens_out\":340}")
                            .statusCode())
                    .isEqualTo(200);
        }

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(as("viewer@spent", "budgets", "list")).isZero();
            assertThat(typed.lines().get(1)).matches("writers +writer-\\* +day +5000 tokens, 2 calls +100 % +writer-1");
            assertThat(typed.err())
                    .isEqualTo("What happens to those that are used up: see " + server.uri("")
                            + "/docs/budgets.html#when-it-is-used-up\n");
        });
        assertThat(as("viewer@spent", "budgets", "list", "--agent", "other", "-o", "name"))
                .isZero();
        assertThat(typed.out()).isEmpty();
        assertThat(as("viewer@spent", "budgets", "show", "writers")).isZero();
        assertThat(typed.lines().get(2)).matches("writer-1 +100 % +3080 +.*2 +5000 tokens, 2 calls +20.*");

        assertThat(as("admin@spent", "budgets", "raise", "writers", "--calls", "3", "--reason", "the report is due"))
                .isZero();
        assertThat(typed.out()).isEqualTo("writers: raised\n");
        assertThat(as("viewer@spent", "budgets", "show", "writers", "-o", "json"))
                .isZero();
        assertThat(typed.json()
                        .path("usage")
                        .path(0)
                        .path("limits")
                        .path("calls")
                        .asInt())
                .isEqualTo(5);
        assertThat(as("admin@spent", "budgets", "delete", "writers")).isZero();
        assertThat(as("viewer@spent", "budgets", "list")).isZero();
        assertThat(typed.out()).isEqualTo("No budgets\n");
    }

    @Test
    void what_is_wrong_with_a_budget_is_said() {
        assertThat(as("admin@wrong", "budgets", "set", "writers")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("There are no settings: must be given, as in 'interlock budgets set ");
        assertThat(as("admin@wrong", "budgets", "set", "writers", "pattern=x", "per=fortnight", "calls=1"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).contains("fortnight");
        assertThat(as("admin@wrong", "budgets", "set", "writers", "pattern=x", "per=day"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).contains(": at least one of tokens, cost_usd, calls must be there");
        assertThat(as("admin@wrong", "budgets", "raise", "writers", "--reason", "x"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("By how much is missing: must be given, as in ");
        assertThat(as("admin@wrong", "budgets", "raise", "writers", "--calls", "1", "--reason", "x"))
                .isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err())
                .isEqualTo("There is no budget with the id 'writers'; 'interlock budgets list' lists all\n");
        assertThat(as("admin@wrong", "budgets", "set", "writers", "pattern=x", "per=day", "calls=1"))
                .isZero();
        assertThat(as("viewer@wrong", "budgets", "show", "writer")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err()).isEqualTo("There is no budget with the id 'writer'; did you mean 'writers'?\n");
        assertThat(as("viewer@wrong", "budgets", "delete", "writers")).isEqualTo(ExitCode.NOT_ALLOWED);
    }

    @Test
    void a_webhook_is_added_tested_listed_and_removed() throws IOException {
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/hook", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        try {
            String url = "http://127.0.0.1:" + receiver.getAddress().getPort();
            assertThat(as("admin@alerts", "webhooks", "list")).isZero();
            assertThat(typed.out()).isEqualTo("No webhooks\n");
            assertThat(as("admin@alerts", "webhooks", "add", "pager", "url=" + url + "/hook"))
                    .isZero();
            assertThat(typed.lines().get(0)).startsWith("Added: ");
            assertThat(typed.lines().get(1)).startsWith("Secret, shown this once: ");
            String id = typed.lines().get(0).substring("Added: ".length());

            assertThat(as("admin@alerts", "webhooks", "test", id)).isZero();
            assertThat(typed.out()).isEqualTo("It arrived: the receiver answered 204\n");
            assertThat(as("admin@alerts", "webhooks", "list")).isZero();
            assertThat(typed.lines().get(1))
                    .contains(id, "pager", url, "incidents", "ok")
                    .doesNotContain("/hook");

            assertThat(as("admin@alerts", "webhooks", "add", "more", "url=" + url + "/more", "on=budgets,health,stops"))
                    .isZero();
            assertThat(as("admin@alerts", "webhooks", "list")).isZero();
            assertThat(typed.lines().get(2)).contains("more", "budgets, health, stops");

            assertThat(as("admin@alerts", "webhooks", "test", "pager")).isEqualTo(ExitCode.NOT_FOUND);
            assertThat(typed.err())
                    .isEqualTo("There is no webhook with the id 'pager'; the one that is named so has the id " + id
                            + "\n");
            assertThat(as("admin@alerts", "webhooks", "add", "wrong", "url=" + url, "on=incident"))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(typed.err()).contains("on: there is no 'incident'; did you mean 'incidents'?");

            receiver.stop(0);
            assertThat(as("admin@alerts", "webhooks", "test", id)).isEqualTo(ExitCode.FAILED);
            assertThat(typed.err()).startsWith("It did not arrive: ");
            assertThat(as("admin@alerts", "webhooks", "delete", id)).isZero();
            assertThat(as("admin@alerts", "webhooks", "test", id)).isEqualTo(ExitCode.NOT_FOUND);
            assertThat(as("viewer@alerts", "webhooks", "list")).isEqualTo(ExitCode.NOT_ALLOWED);
        } finally {
            receiver.stop(0);
        }
    }
}
