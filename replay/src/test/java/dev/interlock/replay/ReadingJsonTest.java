package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class ReadingJsonTest {

    @Test
    void takes_model_and_tool_calls_of_the_agent_log() {
        Recorded recorded = Recorded.text("""
                {"execution_id":"e1","agent_id":"a","action_type":"llm_inference","action_name":"m","status":"failure","error_kind":"TIMEOUT","latency_ms":1000,"timestamp":"2026-01-05T09:00:00Z"}
                {"execution_id":"e1","agent_id":"a","action_type":"llm_inference","action_name":"model:m","status":"timeout","latency_ms":1000,"timestamp":"2026-01-05T09:00:02Z","metadata":{"agent_id":"x"}}

                {"execution_id":"e1","agent_id":"b","action_type":"tool_call","action_name":"m","status":"success","latency_ms":5,"timestamp":1767603604,"cost_usd":null}
                {"execution_id":"e1","agent_id":"a","action_type":"decision","action_name":"stop","timestamp":"2026-01-05T09:00:03Z"}
                """);

        JsonNode circuits = recorded.by(By.TARGET).get("by_circuit");
        assertThat(recorded.complaints()).isEmpty();
        assertThat(circuits).hasSize(2);
        assertThat(circuits.get(0).get("circuit").asText()).isEqualTo("model:m");
        assertThat(circuits.get(0).get("openings").asInt()).isEqualTo(1);
        assertThat(circuits.get(1).get("circuit").asText()).isEqualTo("tool:m");
        assertThat(recorded.run(By.TARGET, false, false)).contains("left out: 1 entry that is no call\n");
    }

    @Test
    void takes_an_error_where_its_execution_has_no_failed_call() {
        Recorded recorded = Recorded.text(call("e1", "failure", 0)
                + error("e1", 1)
                + call("e2", "success", 2)
                + error("e2", 3)
                + error("e3", 4)
                + call("e3", "failure", 5));

        JsonNode quick = recorded.by(By.AGENT);
        assertThat(quick.get("calls").asInt()).isEqualTo(4);
        assertThat(quick.get("failures").asInt()).isEqualTo(3);
    }

    @Test
    void an_error_asks_its_agent_alone() {
        String log = call("e1", "success", 0) + error("e2", 1) + error("e3", 2) + call("e4", "success", 3);

        assertThat(Recorded.text(log).by(By.BOTH).get("good_blocked").asInt()).isEqualTo(1);
        Recorded byTarget = Recorded.text(log);
        assertThat(byTarget.by(By.TARGET).get("calls").asInt()).isEqualTo(2);
        assertThat(byTarget.run(By.TARGET, false, false)).contains("left out: 2 errors without a target\n");
    }

    @Test
    void leaves_out_what_guards_logged_by_default() {
        String log = call("e1", "failure", 0)
                + call("e1", "failure", 0).replace("{", "{\"guarded\":true,")
                + call("e2", "success", 5);

        assertThat(Recorded.text(log).by(By.AGENT).get("calls").asInt()).isEqualTo(2);
        assertThat(Recorded.text(log).run(By.AGENT, false, false)).contains("left out: 1 guarded\n");
        assertThat(Recorded.text(log).guarded().by(By.AGENT).get("calls").asInt())
                .isEqualTo(1);
    }

    @Test
    void takes_objects_with_the_names_of_the_columns() {
        JsonNode quick = Recorded.text("""
                {"time":0,"agent":"a","target":"model:m","duration_ms":1000,"ok":false,"kind":"TIMEOUT"}
                {"time":"1970-01-01T00:00:02Z","agent":"a","target":"model:m","duration_ms":1e3,"ok":false}
                {"time":4.5,"agent":"a","target":"model:m","duration_ms":1000,"ok":true,"kind":null}
                """).by(By.AGENT);

        assertThat(quick.get("good_blocked").asInt()).isEqualTo(1);
    }

    @Test
    void a_cancelled_entry_is_no_failure() {
        JsonNode quick = Recorded.text(call("e1", "cancelled", 0)).by(By.AGENT);

        assertThat(quick.get("failures").asInt()).isZero();
    }

    @Test
    void names_of_a_bad_entry_its_line_the_value_and_what_is_allowed() {
        Recorded recorded = Recorded.text(call("e", "success", 0)
                + "{\"time\":0,\n"
                + "[1]\n"
                + call("e", "started", 1)
                + call("e", "success", 2).replace("\"agent_id\":\"a\",", "")
                + call("e", "success", 3).replace("}", "} {}")
                + "null\n");

        assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(1);
        assertThat(recorded.complaints().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo(
                                        "(standard input):2: line = '{\"time\":0,': must be a JSON object, but is none from"
                                                + " column 11 on"),
                        line -> assertThat(line).isEqualTo("(standard input):3: line = '[1]': must be a JSON object"),
                        line -> assertThat(line)
                                .isEqualTo(
                                        "(standard input):4: status = 'started': must be success, failure, timeout or"
                                                + " cancelled"),
                        line -> assertThat(line).startsWith("(standard input):5: agent_id = '': must be a name"),
                        line -> assertThat(line).endsWith("must be one JSON object and nothing behind it"),
                        line -> assertThat(line).isEqualTo("… and 1 more bad row"),
                        line -> assertThat(line).isEqualTo("6 of 7 rows were bad and left out"));
    }

    /** Jazzer found it: a parser that guesses takes these for UTF-32, and the whole replay ended. */
    @Test
    void zeros_at_the_beginning_of_a_line_are_a_bad_line_and_no_other_encoding() throws ReplayException {
        for (String bad : new String[] {"{\0\0\0,", "{\0\0\0\0", "\0{\0\"", "{\n\n\n\r\0\0\0\u00dd\0\u00f6"}) {
            Recorded recorded = Recorded.text(call("e", "success", 0) + bad + "\n" + call("e", "success", 1));
            assertThat(recorded.by(By.AGENT).get("calls").asInt()).isEqualTo(2);
            assertThat(recorded.complaints()).contains(":2: line = ");
        }
    }

    private static String call(String execution, String status, int second) {
        return "{\"execution_id\":\"" + execution
                + "\",\"agent_id\":\"a\",\"action_type\":\"tool_call\",\"action_name\":" + "\"t\",\"status\":\""
                + status + "\",\"latency_ms\":10,\"timestamp\":" + second + "}\n";
    }

    private static String error(String execution, int second) {
        return "{\"execution_id\":\"" + execution + "\",\"agent_id\":\"a\",\"action_type\":\"error\",\"action_name\":"
                + "\"IOException\",\"error_message\":\"no\",\"timestamp\":" + second + "}\n";
    }
}
