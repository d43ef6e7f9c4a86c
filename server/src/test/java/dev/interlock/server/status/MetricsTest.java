package dev.interlock.server.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures from which alerts can be made: what calls and circuits of an organization did, and how far stores are behind. */
class MetricsTest {
    private static RunningServer server;
    private static Scrape acme;
    private static Scrape operator;

    @BeforeAll
    static void load() {
        server = new RunningServer();
        SmallLoad.run(server, "acme");
        acme = Scrape.of(server, "viewer@acme");
        operator = Scrape.of(server, "viewer@default");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void closed_circuits_are_counted_and_the_fleet_is_the_one_of_the_list_of_agents() {
        assertThat(acme.value("interlock_circuits_by_state", "state", "open")).isEqualTo(3);
        assertThat(acme.value("interlock_circuits_by_state", "state", "half_open"))
                .isZero();
        assertThat(acme.value("interlock_circuits_by_state", "state", "closed")).isEqualTo(SmallLoad.AGENTS - 3);
        JsonArray agents =
                RunningServer.json(server.get("/api/v1/agents", "viewer@acme")).getJsonArray("agents");
        assertThat(agents).hasSize(SmallLoad.AGENTS);
    }

    /** After a restart those are known that were not called since. */
    @Test
    void agents_that_were_not_called_since_the_start_are_among_the_closed_ones(@TempDir Path folder) {
        try (RunningServer first = RunningServer.on(folder)) {
            SmallLoad.run(first, "acme");
        }
        try (RunningServer again = RunningServer.on(folder)) {
            Scrape scrape = Scrape.of(again, "viewer@acme");
            assertThat(scrape.value("interlock_circuits_by_state", "state", "closed"))
                    .isEqualTo(SmallLoad.AGENTS - 3);
            assertThat(scrape.value("interlock_circuits_by_state", "state", "open"))
                    .isEqualTo(3);
        }
    }

    @Test
    void permits_are_counted_by_result_and_refusals_by_cause() {
        assertThat(acme.value("interlock_permits_total", "result", "granted")).isEqualTo(9);
        assertThat(acme.value("interlock_permits_total", "result", "refused")).isEqualTo(2);
        assertThat(acme.value("interlock_refusals_total", "cause", "open")).isEqualTo(1);
        assertThat(acme.value("interlock_refusals_total", "cause", "held")).isEqualTo(1);
        for (String cause : new String[] {"half_open", "gate", "full"}) {
            assertThat(acme.value("interlock_refusals_total", "cause", cause)).isZero();
        }
    }

    @Test
    void outcomes_are_counted_by_kind_and_transitions_by_cause() {
        assertThat(acme.value("interlock_outcomes_total", "kind", "success", "settlement", "counted"))
                .isEqualTo(4);
        assertThat(acme.value("interlock_outcomes_total", "kind", "error", "settlement", "counted"))
                .isEqualTo(5);
        assertThat(acme.value("interlock_outcomes_total", "kind", "timeout", "settlement", "counted"))
                .isZero();
        assertThat(acme.value("interlock_transitions_total", "to", "open", "cause", "failure_streak"))
                .isEqualTo(1);
        assertThat(acme.value("interlock_transitions_total", "to", "open", "cause", "override"))
                .isEqualTo(2);
        assertThat(acme.value("interlock_transitions_total", "to", "closed", "cause", "trials_succeeded"))
                .isZero();
    }

    @Test
    void another_organization_sees_its_own_alone() {
        Scrape rival = Scrape.of(server, "viewer@rival");
        assertThat(rival.value("interlock_permits_total", "result", "granted")).isZero();
        assertThat(rival.value("interlock_circuits_by_state", "state", "closed"))
                .isZero();
        assertThat(rival.samples).noneMatch(each -> each.labels().containsValue("planner"));
    }

    @Test
    void times_of_permits_and_outcomes_have_buckets() {
        for (Map.Entry<String, Integer> call :
                Map.of("permit", 11, "outcome", 8, "outcomes", 1).entrySet()) {
            assertThat(operator.value("interlock_http_calls_seconds_count", "call", call.getKey()))
                    .isEqualTo(call.getValue().doubleValue());
            assertThat(operator.value("interlock_http_calls_seconds_bucket", "call", call.getKey(), "le", "+Inf"))
                    .isEqualTo(call.getValue().doubleValue());
            assertThat(operator.samples.stream()
                            .filter(each -> each.name().equals("interlock_http_calls_seconds_bucket"))
                            .filter(each -> each.labels().get("call").equals(call.getKey())))
                    .hasSize(13);
        }
    }

    @Test
    void nothing_waits_and_each_promise_has_its_count() {
        assertThat(operator.value("interlock_store_lag_seconds")).isCloseTo(0, within(5.0));
        assertThat(operator.value("interlock_store_debts")).isZero();
        assertThat(operator.value("interlock_redis_lag_seconds")).isZero();
        assertThat(operator.samples.stream().filter(each -> each.name().equals("interlock_broken_promises_total")))
                .hasSize(6)
                .allSatisfy(each -> assertThat(each.value())
                        .isEqualTo(BrokenPromises.count(
                                Promise.valueOf(each.labels().get("promise").toUpperCase(Locale.ROOT)))));
    }
}
