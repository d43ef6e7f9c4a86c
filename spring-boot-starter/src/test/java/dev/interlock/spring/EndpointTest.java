package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Hold;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** The endpoint over real HTTP: what it shows, and that it changes nothing unless that is allowed. */
@Tag("heavy")
class EndpointTest {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext context;

    @AfterEach
    void stop() {
        context.close();
    }

    private CircuitBreakerManager start(String... properties) {
        context = new SpringApplicationBuilder(App.class)
                .properties(
                        "server.port=0",
                        "server.address=127.0.0.1",
                        "management.endpoints.web.exposure.include=interlock,health",
                        "management.endpoint.health.show-details=always",
                        "spring.main.banner-mode=off",
                        "logging.level.root=off")
                .properties(properties)
                .run();
        return context.getBean(CircuitBreakerManager.class);
    }

    private HttpResponse<String> ask(String path, String body) throws Exception {
        String port = context.getEnvironment().getProperty("local.server.port");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator" + path));
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void by_default_it_shows_and_changes_nothing() throws Exception {
        CircuitBreakerManager circuits = start("interlock.policies[0].pattern=model:*");
        circuits.getOrCreate("planner").recordFailure(FailureKind.LOOP);

        assertThat(ask("/interlock", null).body()).contains("\"circuits\":1", "\"open\":1", "\"agent_id\":\"planner\"");
        assertThat(ask("/interlock/circuits", null).body()).startsWith("[").contains("planner");
        assertThat(ask("/interlock/circuits/planner", null).body())
                .contains("\"state\":\"open\"", "\"cause\":\"failure_kind\"", "\"retry_after_ms\":");
        assertThat(ask("/interlock/circuits/team/unheard-of", null).body())
                .contains("\"agent_id\":\"team/unheard-of\"", "\"state\":\"closed\"");
        assertThat(circuits.size()).isEqualTo(1);
        assertThat(ask("/interlock/policies", null).body()).contains("\"model:*\":{", "\"default\":{");
        assertThat(ask("/interlock/elsewhere", null).statusCode()).isEqualTo(404);
        assertThat(ask("/health", null).body()).contains("\"status\":\"UP\"", "\"openNames\":[\"planner\"]");
        assertThat(ask("/health/liveness", null).body()).contains("UP").doesNotContain("interlock");
        assertThat(ask("/interlock/circuits/planner", "{\"action\": \"close\"}").statusCode())
                .isEqualTo(405);
        assertThat(circuits.snapshot(CircuitId.of("planner")).isNotClosed()).isTrue();
    }

    @Test
    void transitions_are_those_of_all_circuits_or_of_one() throws Exception {
        CircuitBreakerManager circuits = start();
        circuits.getOrCreate("planner").recordFailure(FailureKind.LOOP);
        circuits.getOrCreate("team/writer").recordFailure(FailureKind.LOOP);

        await().atMost(Duration.ofSeconds(30)) // a listener hears them a moment later
                .untilAsserted(
                        () -> assertThat(ask("/interlock/transitions", null).body())
                                .contains("\"agent_id\":\"planner\"", "\"agent_id\":\"team/writer\""));
        assertThat(ask("/interlock/transitions/team/writer", null).body())
                .contains("\"agent_id\":\"team/writer\"", "\"to\":\"open\"")
                .doesNotContain("planner");
        assertThat(ask("/interlock/transitions/unheard-of", null).body()).isEqualTo("[]");
        assertThat(ask("/interlock/policies/planner", null).statusCode()).isEqualTo(404);
    }

    @Test
    void where_writing_is_allowed_it_carries_out_overrides_and_reads_policies_again() throws Exception {
        CircuitBreakerManager circuits = start("management.endpoint.interlock.access=unrestricted");
        circuits.guard("planner").run(() -> {});

        HttpResponse<String> held = ask(
                "/interlock/circuits/planner",
                "{\"action\": \"hold_open\", \"reason\": \"upgrade\", \"until\": \"2099-01-01T00:00:00Z\"}");

        assertThat(held.body()).contains("\"changed\":true", "\"held_by\":\"actuator\"");
        Hold hold = circuits.snapshot(CircuitId.of("planner")).hold();
        assertThat(hold.reason()).isEqualTo("upgrade");
        assertThat(ask("/interlock/circuits/planner", "{\"action\": \"release\"}")
                        .body())
                .contains("\"changed\":true");
        assertThat(ask("/interlock/transitions", null).body())
                .contains("\"actor\":\"actuator\"", "\"reason\":\"upgrade\"");

        HttpResponse<String> wrong = ask("/interlock/circuits/planner", "{\"action\": \"explode\"}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).doesNotContain("Exception", "\tat ");
        assertThat(ask("/interlock/circuits/planner", "{\"action\": \"hold_open\", \"until\": \"soon\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(ask("/interlock/circuits/made-up", "{\"action\": \"open\"}").statusCode())
                .isEqualTo(400);
        assertThat(circuits.contains(CircuitId.of("made-up"))).isFalse();
        assertThat(ask("/interlock/circuits/made-up", "{\"action\": \"open\", \"create\": true}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(ask("/interlock/policies", "{}").body()).isEqualTo("{\"changes\":[]}");
        assertThat(ask("/interlock/elsewhere", "{}").statusCode()).isEqualTo(400);
    }

    @Test
    void an_override_bears_the_name_of_who_is_signed_in() {
        CircuitBreakerManager circuits = start("spring.main.web-application-type=none");
        InterlockEndpoint endpoint = new InterlockEndpoint(circuits, context.getBean(PolicyRefresher.class));
        endpoint.change(new String[] {"circuits", "planner"}, "hold_closed", null, null, true, new SecurityContext() {
            @Override
            public Principal getPrincipal() {
                return () -> "ada";
            }

            @Override
            public boolean isUserInRole(String role) {
                return false;
            }
        });
        assertThat(circuits.snapshot(CircuitId.of("planner")).hold().actor()).isEqualTo("ada");
    }
}
