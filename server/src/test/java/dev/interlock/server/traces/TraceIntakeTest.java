package dev.interlock.server.traces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose a span is, whether it counts, and for whom. */
class TraceIntakeTest {
    private final TraceRig rig = new TraceRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void what_was_called_hears_at_once_and_the_agent_once_its_span_has_come() {
        rig.json(
                TraceRig.KEY,
                spans().model(2, 1, null)
                        .model(3, 1, "x", "error.type", "503")
                        .model(4, 1, "bug")
                        .toString());
        assertThat(rig.heard()).containsExactly("model:m OVERLOADED", "model:m success");
        assertThat(rig.logged()).isEmpty();

        rig.pass(Duration.ofSeconds(5));
        rig.json(TraceRig.KEY, spans().agent(1, 0, "planner", null).toString());

        assertThat(rig.heard())
                .as("the failure that nobody knows is the agent's; the run says no more than its calls")
                .containsExactly("model:m OVERLOADED", "model:m success", "planner ERROR", "planner success");
        assertThat(rig.logged())
                .containsExactly(
                        "planner custom invoke_agent success",
                        "planner llm_inference m failure ERROR",
                        "planner llm_inference m failure OVERLOADED",
                        "planner llm_inference m success");
    }

    @Test
    void an_agent_that_does_not_come_is_its_trace_or_its_service_after_30_seconds() {
        rig.json(
                TraceRig.KEY,
                spans().resource("service.name", "desk").model(2, 1, null).toString());
        rig.json(
                TraceRig.KEY,
                spans().resource("service.name", "desk")
                        .trace(7)
                        .model(2, 1, null)
                        .agent(5, 9, "planner", null)
                        .toString());
        rig.pass(Duration.ofSeconds(29));
        assertThat(rig.heard()).containsExactly("model:m success", "model:m success");

        rig.pass(Duration.ofSeconds(1));

        assertThat(rig.heard())
                .containsExactly("desk success", "model:m success", "model:m success", "planner success");
    }

    @Test
    void the_agent_that_a_process_says_to_be_goes_before_all_names() {
        rig.json(
                TraceRig.KEY,
                spans().resource("interlock.agent", "me")
                        .model(2, 1, null, "gen_ai.agent.name", "other")
                        .toString());

        assertThat(rig.heard()).containsExactly("me success", "model:m success");
    }

    @Test
    void a_service_that_nobody_named_is_no_agent() {
        rig.json(
                TraceRig.KEY,
                spans().resource("service.name", "unknown_service:java")
                        .model(2, 0, "bug")
                        .toString());
        assertThat(rig.heard()).isEmpty();

        rig.json(TraceRig.KEY, spans().trace(2).model(2, 0, null).toString());
        assertThat(rig.heard()).containsExactly("model:m success");
        assertThat(rig.logged())
                .containsExactly("model:m llm_inference m failure ERROR", "model:m llm_inference m success");
    }

    @Test
    void a_run_counts_only_where_no_call_within_says_what_happened() {
        rig.json(TraceRig.KEY, spans().trace(1).agent(1, 0, "planner", "bug").toString());
        rig.json(TraceRig.KEY, spans().trace(2).agent(1, 0, "planner", null).toString());
        assertThat(rig.heard()).containsExactly("planner ERROR", "planner success");

        rig.json(
                TraceRig.KEY,
                spans().trace(3)
                        .model(2, 1, "x", "error.type", "503")
                        .agent(1, 0, "planner", "no answer")
                        .toString());
        assertThat(rig.heard())
                .as("an outage of a model opens no agent")
                .containsExactly("model:m OVERLOADED", "planner ERROR", "planner success");
    }

    @Test
    void a_failed_run_within_a_run_is_the_inner_agents() {
        rig.json(
                TraceRig.KEY,
                spans().agent(2, 1, "inner", "bug")
                        .agent(1, 0, "outer", "bug of inner")
                        .toString());

        assertThat(rig.heard()).containsExactly("inner ERROR");
    }

    @Test
    void runs_below_one_span_that_has_not_come_are_judged_apart() {
        for (int i = 2; i < 5; i++) {
            rig.json(TraceRig.KEY, spans().agent(i, 1, "planner", "bug").toString());
        }
        assertThat(rig.heard()).containsExactly("planner ERROR", "planner ERROR", "planner ERROR");
    }

    @Test
    void of_spans_around_one_call_only_one_counts_whichever_comes_first() {
        rig.json(
                TraceRig.KEY,
                spans().resource("interlock.agent", "a").model(3, 2, null).toString());
        rig.json(TraceRig.KEY, spans().other(2, 1).model(1, 0, null).toString());
        assertThat(rig.heard()).containsExactly("a success", "model:m success");

        rig.outcomes.clear();
        rig.json(
                TraceRig.KEY,
                spans().resource("interlock.agent", "a")
                        .trace(4)
                        .other(2, 1)
                        .model(1, 0, null)
                        .toString());
        rig.json(
                TraceRig.KEY,
                spans().resource("interlock.agent", "a")
                        .trace(4)
                        .model(3, 2, null)
                        .toString());
        assertThat(rig.heard()).containsExactly("a success", "model:m success");
        assertThat(rig.count("around")).isEqualTo(2);
    }

    @Test
    void a_tool_that_asks_a_model_is_a_call_in_addition_to_it() {
        rig.json(
                TraceRig.KEY,
                spans().model(3, 2, null)
                        .tool(2, 1, null)
                        .agent(1, 0, "a", null)
                        .toString());

        assertThat(rig.heard()).containsExactly("a success", "a success", "model:m success", "tool:t success");
    }

    @Test
    void what_a_guard_or_a_proxy_has_counted_is_logged_and_feeds_nothing() {
        rig.json(
                TraceRig.KEY,
                spans().model(1, 0, "x", "interlock.guarded", true, "gen_ai.agent.name", "a")
                        .toString());
        rig.json(
                TraceRig.KEY,
                spans().trace(2)
                        .model(3, 2, "x")
                        .tool(4, 2, "x")
                        .agent(2, 0, "a", "x", "interlock.guarded", true)
                        .toString());
        rig.json(
                TraceRig.KEY,
                spans().trace(3)
                        .other(2, 1, "server.address", "proxy.acme.example", "server.port", 8080)
                        .model(1, 0, "x", "gen_ai.agent.name", "a")
                        .toString());
        rig.json(
                TraceRig.KEY,
                spans().trace(4)
                        .model(1, 0, "x", "server.address", "proxy.acme.example", "gen_ai.agent.name", "a")
                        .toString());
        rig.json(
                TraceRig.KEY,
                spans().trace(5)
                        .resource("interlock.guarded", true)
                        .model(1, 0, "x", "gen_ai.agent.name", "a")
                        .toString());

        assertThat(rig.outcomes).isEmpty();
        assertThat(rig.logged()).hasSize(7).allMatch(row -> row.endsWith(" guarded"));
    }

    @Test
    void a_refusal_by_a_circuit_is_read_first() {
        Object[][] refusals = {
            {"error.type", "circuit_open", "http.response.status_code", 424},
            {"error.type", "503", "http.response.header.interlock-refused", "model:m"},
            {"error.type", "dev.interlock.CircuitOpenException"},
            {"error.type", "pybreaker.CircuitBreakerOpenError"},
            {"error.type", "429"}
        };
        for (int i = 0; i < refusals.length; i++) {
            String message = i == 4 ? "{\"error\":{\"code\":\"circuit_open\"}}" : "x";
            rig.json(
                    TraceRig.KEY,
                    spans().trace(i)
                            .resource("interlock.agent", "a")
                            .model(1, 0, message, refusals[i])
                            .toString());
        }
        assertThat(rig.outcomes).hasSize(10).allMatch(each -> each.endsWith(" DOWNSTREAM_OPEN"));
        assertThat(rig.circuits
                        .snapshot(new CircuitId("acme", "model:m"))
                        .figures()
                        .consecutiveFailures())
                .isZero();
    }

    @Test
    void a_span_counts_once_however_often_and_by_whom_it_is_sent() {
        String body = spans().resource("interlock.agent", "a").model(1, 0, null).toString();
        rig.json(TraceRig.KEY, body);
        rig.json(TraceRig.KEY, body);
        rig.json(new Caller("acme", Role.AGENT, "other", null, null, false, "k2", null), body);
        rig.json(new Caller("other", Role.AGENT, "other", null, null, false, "k3", null), body);

        assertThat(rig.heard())
                .as("once in each organization")
                .containsExactly("a success", "a success", "model:m success", "model:m success");
    }

    @Test
    void what_ended_long_ago_is_logged_and_moves_nothing() {
        String old = Spans.at(TraceRig.NOW.minusSeconds(400))
                .resource("interlock.agent", "a")
                .model(1, 0, "x")
                .toString();
        rig.json(TraceRig.KEY, old);

        assertThat(rig.outcomes).isEmpty();
        assertThat(rig.logged()).containsExactly("a llm_inference m failure ERROR");
    }

    @Test
    void a_limited_key_reports_its_own_agents_and_feeds_what_they_depend_on() {
        Caller limited = new Caller("acme", Role.AGENT, "key", "a-*", null, false, "k1", null);
        SpanList answer = rig.json(
                limited,
                spans().resource("interlock.agent", "b-1").model(1, 0, null).toString());
        assertThat(answer.refused()).isEqualTo(1);
        assertThat(answer.problem())
                .contains("'b-1'")
                .contains("limited to 'a-*'")
                .contains("interlock.agent");
        assertThat(rig.outcomes).isEmpty();

        rig.json(
                limited,
                spans().trace(2)
                        .resource("interlock.agent", "a-1")
                        .model(1, 0, null)
                        .toString());
        assertThat(rig.heard()).containsExactly("a-1 success", "model:m success");

        SpanList upstream = rig.json(
                limited,
                spans().trace(3)
                        .agent(1, 0, "model:m", "I say that it is broken")
                        .toString());
        assertThat(upstream.refused()).as("what it depends on is not its agent").isEqualTo(1);
    }

    @Test
    void callers_are_keys_unless_the_key_speaks_for_them() {
        try (TraceRig shared = new TraceRig(CircuitBreakerConfig.upstream())) {
            CircuitId model = new CircuitId("acme", "model:m");
            shared.circuits
                    .guard(new CircuitId("acme", "bystander"))
                    .dependingOn("model:m")
                    .acquire()
                    .succeed();
            for (int i = 0; i < 12; i++) {
                shared.json(TraceRig.KEY, failing(i, i % 2 == 0 ? "a" : "b"));
            }
            assertThat(shared.circuits.snapshot(model).state())
                    .as("two agents by one key are one caller")
                    .isEqualTo(CircuitState.CLOSED);

            Caller collector = new Caller("acme", Role.AGENT, "collector", null, "*", false, "k9", null);
            for (int i = 20; i < 32; i++) {
                shared.json(collector, failing(i, i % 2 == 0 ? "a" : "b"));
            }
            assertThat(shared.circuits.snapshot(model).state()).isEqualTo(CircuitState.OPEN);
        }
    }

    private String failing(int trace, String agent) {
        return spans().trace(trace)
                .resource("interlock.agent", agent)
                .model(1, 0, "x", "error.type", "503")
                .toString();
    }

    @Test
    void names_of_spans_make_no_circuit_beyond_a_cap_a_key() {
        int refused = 0;
        for (int i = 0; i < KeyTraces.MOST_NAMES + 50; i++) {
            refused += rig.json(
                            TraceRig.KEY,
                            spans().trace(i)
                                    .resource("interlock.agent", "made-up-" + i)
                                    .model(1, 0, null)
                                    .toString())
                    .refused();
        }
        assertThat(refused).as("the model takes one of them").isEqualTo(51);
        assertThat(rig.circuits.size()).isEqualTo(KeyTraces.MOST_NAMES);

        Caller other = new Caller("acme", Role.AGENT, "other", null, null, false, "k2", null);
        assertThat(rig.json(
                                other,
                                spans().trace(9_999)
                                        .resource("interlock.agent", "fresh")
                                        .model(1, 0, null)
                                        .toString())
                        .refused())
                .as("another key has a cap of its own")
                .isZero();
    }

    @Test
    void of_a_source_that_leaves_spans_out_rates_mean_nothing() {
        for (int i = 0; i < 40; i++) {
            rig.json(
                    TraceRig.KEY,
                    spans().trace(i)
                            .state("ot=th:c;rv:1")
                            .resource("interlock.agent", "a")
                            .model(
                                    1,
                                    0,
                                    i % 4 == 3 ? null : "x",
                                    i % 4 == 3 ? new Object[0] : new Object[] {"error.type", "503"})
                            .toString());
        }
        assertThat(rig.outcomes)
                .as("three of four failed, and never five in a row")
                .isEmpty();
        assertThat(rig.logged()).hasSize(40);
    }

    @Test
    void of_such_a_source_a_streak_and_a_kind_that_trips_count_and_so_do_trials() {
        CircuitId model = new CircuitId("acme", "model:m");
        for (int i = 0; i < 5; i++) {
            rig.json(TraceRig.KEY, thinned(i, "503"));
        }
        assertThat(rig.circuits.snapshot(model).state()).isEqualTo(CircuitState.OPEN);

        rig.json(TraceRig.KEY, thinned(10, "402"));
        rig.time.advance(Duration.ofSeconds(61));
        for (int i = 20; i < 22; i++) {
            rig.json(
                    TraceRig.KEY,
                    Spans.at(rig.time.wallTime())
                            .trace(i)
                            .resource("interlock.sampled", true)
                            .resource("interlock.agent", "a")
                            .model(1, 0, null)
                            .toString());
            rig.time.advance(Duration.ofSeconds(2));
        }
        assertThat(rig.circuits.snapshot(model).state()).isEqualTo(CircuitState.CLOSED);

        rig.json(
                TraceRig.KEY,
                Spans.at(rig.time.wallTime())
                        .trace(30)
                        .resource("interlock.sampled", true)
                        .resource("interlock.agent", "a")
                        .model(1, 0, "x", "error.type", "insufficient_quota")
                        .toString());
        assertThat(rig.circuits.snapshot(model).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void a_source_can_say_that_its_rates_are_right_after_all() {
        rig.json(
                TraceRig.KEY,
                spans().state("ot=th:8")
                        .resource("interlock.sampled", false)
                        .resource("interlock.agent", "a")
                        .model(1, 0, null)
                        .toString());
        assertThat(rig.heard()).containsExactly("a success", "model:m success");
        assertThat(SpanList.isThinned("ot=th:0")).isFalse();
        assertThat(SpanList.isThinned("a=b,ot=rv:1;th:8")).isTrue();
        assertThat(SpanList.isThinned("a=th:8")).isFalse();
    }

    private String thinned(int trace, String status) {
        return spans().trace(trace)
                .resource("interlock.sampled", true)
                .resource("interlock.agent", "a")
                .model(1, 0, "x", "error.type", status)
                .toString();
    }

    @Test
    void circles_of_parents_end() {
        Spans circle = spans();
        for (int i = 1; i <= 100; i++) {
            circle.other(i, i % 100 + 1);
        }
        circle.model(200, 50, "x").model(201, 201, null);
        rig.json(TraceRig.KEY, circle.toString());
        rig.pass(Duration.ofSeconds(31));

        assertThat(rig.count("ignored")).isEqualTo(100);
        assertThat(rig.logged()).hasSize(2);
    }

    @Test
    void memory_of_traces_is_bounded_and_given_back() {
        for (int batch = 0; batch < 60; batch++) {
            Spans many = spans().resource("service.name", "s");
            for (int i = 0; i < 500; i++) {
                many.trace(batch * 1_000 + i).model(2, 1, null);
            }
            rig.json(TraceRig.KEY, many.toString());
            assertThat(rig.intake.bytes()).isLessThan(KeyTraces.MOST_BYTES + 200L * KeyTraces.MOST_NAMES);
        }
        assertThat(rig.count("counted"))
                .as("what had to make way was counted for its service")
                .isPositive();

        rig.pass(Duration.ofSeconds(31));
        assertThat(rig.count("counted")).isEqualTo(30_000);
        rig.pass(Duration.ofMinutes(11));
        rig.pass(Duration.ofDays(2));
        assertThat(rig.intake.bytes()).isZero();
    }

    @Test
    void one_trace_alone_takes_no_more_than_its_part() {
        for (int batch = 0; batch < 20; batch++) {
            Spans many = spans();
            for (int i = 0; i < 500; i++) {
                many.other(batch * 1_000 + i + 10, 1);
            }
            rig.json(TraceRig.KEY, many.toString());
        }
        assertThat(rig.intake.bytes()).isLessThan(2L * Trace.MOST_NODES * TraceNode.BYTES + 1_000);
    }

    @Test
    void members_and_fields_may_come_in_any_order() {
        long end = TraceRig.NOW.toEpochMilli() * 1_000_000;
        rig.json(
                TraceRig.KEY,
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"status\":{\"message\":\"x\",\"code\":2},\"attributes\":["
                        + "{\"value\":{\"stringValue\":\"chat\"},\"key\":\"gen_ai.operation.name\"},"
                        + "{\"value\":{\"stringValue\":\"m\"},\"key\":\"gen_ai.request.model\"},"
                        + "{\"value\":{\"stringValue\":\"503\"},\"key\":\"error.type\"}],"
                        + "\"endTimeUnixNano\":\"" + end + "\",\"startTimeUnixNano\":\"" + end
                        + "\",\"spanId\":\"eee19b7ec3c1b174\",\"traceId\":\"5b8efff798038103d269b633813fc60c\"}]}],"
                        + "\"resource\":{\"attributes\":[{\"value\":{\"stringValue\":\"a\"},\"key\":\"interlock.agent\"}]}}]}");
        assertThat(rig.heard()).containsExactly("model:m OVERLOADED");
        assertThat(rig.logged()).containsExactly("a llm_inference m failure OVERLOADED");

        byte[] agent = "interlock.agent".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream pair = new ByteArrayOutputStream();
        pair.writeBytes(new byte[] {0x12, 0x03, 0x0a, 0x01, 'b', 0x0a, (byte) agent.length});
        pair.writeBytes(agent);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int length = pair.size();
        body.writeBytes(
                new byte[] {0x0a, (byte) (length + 4 + SPAN.length), 0x0a, (byte) (length + 2), 0x0a, (byte) length});
        body.writeBytes(pair.toByteArray());
        body.writeBytes(SPAN);
        assertThat(rig.protobuf(TraceRig.KEY, body.toByteArray()).spans())
                .extracting(span -> span.sender().agent())
                .containsExactly("b");
    }

    /** ScopeSpans with a span that has its ids and nothing else. */
    private static final byte[] SPAN = {
        0x12, 0x1e, 0x12, 0x1c, 0x0a, 0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x12, 0x08, 1, 2, 3,
        4, 5, 6, 7, 8
    };

    @Test
    void spans_with_wrong_ids_or_times_are_refused_by_themselves() {
        Spans wrong = spans().resource("interlock.agent", "a");
        wrong.model(1, 0, null).last().put("traceId", "00000000000000000000000000000000");
        wrong.model(2, 0, null).last().put("spanId", "xyz");
        wrong.model(3, 0, null).last().put("parentSpanId", "12");
        wrong.model(4, 0, null).last().put("endTimeUnixNano", "1");
        wrong.model(5, 0, null).last().put("startTimeUnixNano", "-9");
        wrong.model(6, 0, null);
        SpanList answer = rig.json(TraceRig.KEY, wrong.toString());

        assertThat(answer.refused()).isEqualTo(5);
        assertThat(answer.problem()).contains("trace_id must have 16 bytes");
        assertThat(rig.heard()).containsExactly("a success", "model:m success");
    }

    private Spans spans() {
        return Spans.at(rig.time.wallTime());
    }
}
