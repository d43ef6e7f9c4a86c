package dev.interlock.server.permits;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.FailureKind;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies of permits and outcomes; what is wrong is reported with field, value and what would be right. */
class BodyReaderTest {
    private static final String TIME = "a number of milliseconds, 0 to 31536000000";
    private static final String NAME = "a text of 1 to 256 characters, not blank, without control characters";

    @Test
    void a_success_needs_nothing_else() throws BadBodyException {
        assertThat(report("{\"outcome\":\"success\"}")).isEqualTo(new Report(null, null, null, -1, -1, null));
        assertThat(report("{\"outcome\":\"success\",\"caller\":\"team-a\"}"))
                .isEqualTo(new Report(null, null, null, -1, -1, null, "team-a"));
    }

    @Test
    void every_field_is_read() throws BadBodyException {
        assertThat(report("{\"permit\":\"abc\",\"outcome\":\"failure\",\"kind\":\"RATE_LIMITED\",\"duration_ms\":1.5,"
                        + "\"retry_after_ms\":3e4,\"concerning\":\"model:kimi\"}"))
                .isEqualTo(new Report(null, "abc", FailureKind.RATE_LIMITED, 1_500_000, 30_000_000_000L, "model:kimi"));
    }

    @Test
    void null_is_as_good_as_absent() throws BadBodyException {
        assertThat(report("{\"permit\":null,\"outcome\":\"success\",\"kind\":null,\"duration_ms\":null,"
                        + "\"retry_after_ms\":null,\"concerning\":null}"))
                .isEqualTo(report("{\"outcome\":\"success\"}"));
        assertThat(BodyReader.request("{\"depends_on\":null}".getBytes(UTF_8)).dependencies())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void every_kind_is_read(FailureKind kind) throws BadBodyException {
        String name = kind.name();
        assertThat(report("{\"outcome\":\"failure\",\"kind\":\"" + name + "\"}").kind())
                .isEqualTo(kind);
    }

    @Test
    void a_failure_without_a_kind_is_an_error_and_a_cancelled_call_is_cancelled() throws BadBodyException {
        assertThat(report("{\"outcome\":\"failure\"}").kind()).isEqualTo(FailureKind.ERROR);
        assertThat(report("{\"outcome\":\"cancelled\"}").kind()).isEqualTo(FailureKind.CANCELLED);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                            | outcome: is missing; must be success, failure or cancelled",
                "{\"outcome\":\"sucess\"}                      | outcome = 'sucess': must be success, failure or cancelled",
                "{\"outcome\":7}                               | outcome = '7': must be success, failure or cancelled",
                "{\"outcome\":null}                            | outcome = 'null': must be success, failure or cancelled",
                "{\"outcome\":\"success\",\"kind\":\"ERROR\"}  | kind: belongs to a failure; must be absent with outcome = 'success'",
                "{\"outcome\":\"success\",\"retry_after_ms\":0} | retry_after_ms: belongs to a failure; must be absent with outcome = 'success'",
                "{\"outcome\":\"cancelled\",\"kind\":\"ERROR\"} | kind: must be CANCELLED or absent with outcome = 'cancelled'",
                "{\"outcome\":\"success\",\"duration_ms\":-1}  | duration_ms = '-1': must be " + TIME,
                "{\"outcome\":\"success\",\"duration_ms\":1e99} | duration_ms = '1e99': must be " + TIME,
                "{\"outcome\":\"success\",\"duration_ms\":\"5\"} | duration_ms = '5': must be " + TIME,
                "{\"outcome\":\"success\",\"duration_ms\":[]}  | duration_ms = '[': must be " + TIME,
                "{\"outcome\":\"failure\",\"concerning\":\" \"}  | concerning = ' ': must be " + NAME,
                "{\"outcome\":\"failure\",\"concerning\":\"a\\u0000\"} | concerning = 'a?': must be " + NAME,
                "{\"outcome\":\"failure\",\"concerning\":\"\\ud800\"} | concerning = '?': must be " + NAME,
                "{\"outcome\":\"success\",\"agent_id\":\"a\"}  | agent_id: must not be in the body, since the path names the agent",
                "{\"outcome\":\"success\",\"outcome\":\"failure\"} | 'outcome': is there twice; must be given once",
                "{\"outcom\":\"success\"}                      | 'outcom': is no field here; there are permit, outcome, kind, duration_ms, retry_after_ms, concerning, caller, tokens_in, tokens_out, tokens_cached and cost_usd",
                "[]                                            | the body = '[': must be a JSON object",
                "7                                             | the body = '7': must be a JSON object",
                "{\"outcome\":\"success\"} {}                  | the body: must end after its JSON object, but goes on",
            })
    void what_is_wrong_is_reported(String body, String message) {
        assertThatThrownBy(() -> report(body))
                .isInstanceOf(BadBodyException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "{\"outcome\"", "nonsense", "{\"outcome\":\"success\"", "\u0000"})
    void what_is_no_json_is_reported(String body) {
        assertThatThrownBy(() -> report(body))
                .isInstanceOf(BadBodyException.class)
                .hasMessageStartingWith("the body: ");
    }

    @Test
    void an_unknown_kind_is_reported_with_all_there_are() {
        assertThatThrownBy(() -> report("{\"outcome\":\"failure\",\"kind\":\"timeout\"}"))
                .hasMessageStartingWith("kind = 'timeout': must be one of TIMEOUT, CONNECTION, SERVER_ERROR, ")
                .hasMessageEndingWith(", CANCELLED, DOWNSTREAM_OPEN");
    }

    @Test
    void a_long_or_ugly_value_is_repeated_short_and_clean() {
        assertThatThrownBy(() -> report("{\"outcome\":\"" + "a\\n".repeat(5_000) + "\"}"))
                .hasMessageContaining("outcome = '" + "a?".repeat(30) + "…': must be");
    }

    @Test
    void an_entry_names_its_agent_or_has_a_permit() throws BadBodyException {
        assertThat(entry("{\"agent_id\":\"planner\",\"outcome\":\"success\"}").agent())
                .isEqualTo("planner");
        assertThat(entry("{\"permit\":\"x\",\"outcome\":\"success\"}").agent()).isNull();
        assertThatThrownBy(() -> entry("{\"outcome\":\"success\"}"))
                .hasMessage("agent_id: is missing; an entry must name its agent or have a permit");
    }

    @Test
    void dependencies_are_names() throws BadBodyException {
        assertThat(dependencies("")).isEmpty();
        assertThat(dependencies("{}")).isEmpty();
        assertThat(dependencies("{\"depends_on\":[]}")).isEmpty();
        assertThat(dependencies("{\"depends_on\":[\"model:kimi\",\"🔑\"]}")).containsExactly("model:kimi", "🔑");
        assertThatThrownBy(() -> dependencies("{\"depends_on\":[\"a\",7]}"))
                .hasMessage("depends_on[1] = '7': must be " + NAME);
        assertThatThrownBy(() -> dependencies("{\"depends_on\":\"a\"}"))
                .hasMessage("depends_on = 'a': must be an array of at most 16 names of circuits");
        assertThatThrownBy(() -> dependencies("{\"depends_on\":[" + "\"a\",".repeat(16) + "\"a\"]}"))
                .hasMessage("depends_on: must be an array of at most 16 names of circuits, but has more");
        assertThatThrownBy(() -> dependencies("{\"depends\":[]}"))
                .hasMessage(
                        "'depends': is no field here; there are depends_on, parent, caller, alternatives and execution");
    }

    @Test
    void a_name_may_have_256_characters() throws BadBodyException {
        String longest = "a".repeat(256);
        assertThat(dependencies("{\"depends_on\":[\"" + longest + "\"]}")).containsExactly(longest);
        assertThatThrownBy(() -> dependencies("{\"depends_on\":[\"" + longest + "a\"]}"))
                .hasMessageContaining("must be " + NAME);
    }

    @Test
    void garbage_is_refused_and_never_worse() {
        Random random = new Random(11);
        byte[] good =
                "{\"permit\":\"abc\",\"outcome\":\"failure\",\"kind\":\"TIMEOUT\",\"duration_ms\":1.5}".getBytes(UTF_8);
        for (int round = 0; round < 100_000; round++) {
            byte[] body = good.clone();
            for (int i = random.nextInt(6); i >= 0; i--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = Arrays.copyOf(body, random.nextInt(body.length + 1));
            for (byte[] each : List.of(body, cut)) {
                try {
                    BodyReader.report(each);
                    BodyReader.entry(each, 0, each.length);
                    BodyReader.request(each);
                } catch (BadBodyException refused) {
                    assertThat(refused.detail()).isNotBlank().hasSizeLessThan(1_000);
                }
            }
        }
    }

    private static Report report(String body) throws BadBodyException {
        return BodyReader.report(body.getBytes(UTF_8));
    }

    private static Report entry(String body) throws BadBodyException {
        byte[] bytes = ("..." + body + "...").getBytes(UTF_8);
        return BodyReader.entry(bytes, 3, bytes.length - 6);
    }

    private static List<String> dependencies(String body) throws BadBodyException {
        return BodyReader.request(body.getBytes(UTF_8)).dependencies();
    }
}
