package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who made a call, and what it was paid with, as the decision of a shared circuit needs them. */
class CallersAndKeysTest {
    private static final CircuitBreakerConfig OF_TWO = CircuitBreakerConfig.builder()
            .failureThreshold(2)
            .failureRateThreshold(null)
            .minCallers(2)
            .cooldown(FailureKind.QUOTA_EXHAUSTED, Duration.ofMinutes(15))
            .build();
    private static final String HEADER = "time,agent,target,duration_ms,ok,kind";

    @Test
    void the_agent_of_a_row_is_the_caller_of_its_target() {
        Recorded one = of(HEADER).line("0,b,model:m,0,true,");
        for (int i = 1; i <= 9; i++) {
            one.line(i + ",a,model:m,0,false,TIMEOUT");
        }
        assertThat(one.by(By.TARGET).get("openings").asInt())
                .as("one caller fails alone")
                .isZero();

        Recorded both = of(HEADER)
                .line("0,b,model:m,0,true,")
                .line("1,a,model:m,0,false,SERVER_ERROR")
                .line("2,b,model:m,0,false,SERVER_ERROR");
        assertThat(both.by(By.TARGET).get("openings").asInt()).isEqualTo(1);
    }

    @Test
    void a_column_names_another_caller() {
        for (By by : new By[] {By.TARGET, By.BOTH}) {
            Recorded crew = of(HEADER + ",caller").line("0,b,model:m,0,true,,crew-b");
            for (int i = 1; i <= 9; i++) {
                crew.line(i + ",a" + i + ",model:m,0,false,SERVER_ERROR,crew-a");
            }
            assertThat(crew.by(by).get("openings").asInt()).as("by " + by).isZero();

            Recorded crews = of(HEADER + ",caller")
                    .line("1,a,model:m,0,false,SERVER_ERROR,crew-a")
                    .line("2,a,model:m,0,false,SERVER_ERROR,crew-b");
            assertThat(crews.by(by).get("openings").asInt()).as("by " + by).isEqualTo(1);
        }
    }

    @Test
    void who_fails_alone_opens_its_own_circuit() {
        Recorded alone = of(HEADER).line("0,b,model:m,0,true,");
        for (int i = 1; i <= 9; i++) {
            alone.line(i + ",a,model:m,0,false,SERVER_ERROR");
        }
        JsonNode both = alone.by(By.BOTH);
        assertThat(both.get("openings").asInt()).isEqualTo(1);
        assertThat(circuit(both, "a").get("openings").asInt()).isEqualTo(1);
        assertThat(circuit(both, "model:m").get("openings").asInt()).isZero();
    }

    @Test
    void a_key_that_is_used_up_stops_the_calls_that_need_it_and_no_others() {
        for (By by : new By[] {By.TARGET, By.BOTH}) {
            JsonNode replayed = of(HEADER + ",key")
                    .line("0,a,model:m,0,false,QUOTA_EXHAUSTED,k1")
                    .line("1,a,model:m,0,true,,key:k1")
                    .line("2,b,model:m,0,true,,k2")
                    .line("3,b,model:m,0,true,,")
                    .line("899,a,model:m,0,true,,k1")
                    .line("900,a,model:m,0,true,,k1")
                    .by(by);
            assertThat(circuit(replayed, "key:k1").get("rejected").asInt())
                    .as("by " + by)
                    .isEqualTo(2);
            assertThat(replayed.get("rejected").asInt()).isEqualTo(2);
            assertThat(circuit(replayed, "key:k1").get("calls").asInt()).isEqualTo(4);
            assertThat(circuit(replayed, "key:k2").get("openings").asInt()).isZero();
            assertThat(circuit(replayed, "model:m").get("openings").asInt()).isZero();
        }
    }

    @Test
    void a_limit_of_the_rate_opens_the_key_for_the_wait() {
        JsonNode replayed = of(HEADER + ",key,retry_after_ms")
                .line("0,a,model:m,0,false,RATE_LIMITED,k1,30000")
                .line("29,a,model:m,0,true,,k1,")
                .line("40,a,model:m,0,true,,k1,")
                .by(By.TARGET);
        assertThat(circuit(replayed, "key:k1").get("rejected").asInt()).isEqualTo(1);
        assertThat(circuit(replayed, "model:m").get("openings").asInt()).isZero();
    }

    @Test
    void entries_of_the_log_name_callers_and_keys_too() {
        Recorded entries = text("");
        for (int i = 0; i < 9; i++) {
            entries.line(entry(i, "a" + i, "failure", "\"error_kind\":\"SERVER_ERROR\",\"caller\":\"crew\""));
            entries.line(
                    entry(i, "b", "success", "\"depends_on\":[\"model:m\",[\"key:x\"],{\"key\":\"key:y\"},\"key:k\"]"));
        }
        JsonNode replayed = entries.by(By.TARGET);
        assertThat(replayed.get("openings").asInt()).isZero();
        assertThat(circuit(replayed, "key:k").get("calls").asInt()).isEqualTo(9);
        assertThat(replayed.get("circuits").asInt()).isEqualTo(2);
        assertThat(entries.complaints()).isEmpty();
    }

    @Test
    void objects_with_the_names_of_the_columns_do_as_well() {
        JsonNode replayed = text("").line(
                        "{\"time\":0,\"target\":\"model:m\",\"duration_ms\":0,\"ok\":false,\"kind\":\"QUOTA_EXHAUSTED\","
                                + "\"key\":\"k\",\"caller\":\"c\"}")
                .line("{\"time\":1,\"target\":\"model:m\",\"duration_ms\":0,\"ok\":true,\"key\":\"k\"}")
                .by(By.TARGET);
        assertThat(circuit(replayed, "key:k").get("rejected").asInt()).isEqualTo(1);
    }

    @Test
    void names_that_are_none_make_bad_rows() {
        Recorded bad = of(HEADER + ",key,caller")
                .line("0,a,model:m,0,true,,k\u0007,")
                .line("0,a,model:m,0,true,,,c\u0007")
                .line("1,a,model:m,0,true,,k,c");
        assertThat(bad.by(By.TARGET).get("calls").asInt()).isEqualTo(1);
        assertThat(bad.complaints()).contains("key = 'key:k\\u0007'", "caller = 'c\\u0007'");
    }

    private static Recorded of(String header) {
        return text(header + "\n");
    }

    private static Recorded text(String text) {
        return Recorded.text(text).policy("of two", OF_TWO);
    }

    private static String entry(int second, String agent, String status, String more) {
        return "{\"action_type\":\"llm_inference\",\"action_name\":\"m\",\"timestamp\":" + second + ",\"agent_id\":\""
                + agent + "\",\"status\":\"" + status + "\"," + more + "}";
    }

    private static JsonNode circuit(JsonNode replayed, String name) {
        for (JsonNode each : replayed.get("by_circuit")) {
            if (each.get("circuit").asText().equals(name)) {
                return each;
            }
        }
        throw new AssertionError(name + " is not in " + replayed);
    }
}
