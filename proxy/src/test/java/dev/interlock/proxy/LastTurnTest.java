package dev.interlock.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.interlock.monitor.loops.LoopCall;
import dev.interlock.monitor.loops.ToolTurn;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request to a model says of the turn before it: what was called with what, and what came back. */
class LastTurnTest {
    private static final Instant NOW = Instant.parse("2027-01-31T18:00:00Z");
    private static final String USER = "{'role':'user','content':'the tides?'}";
    private static final String CHAT_CALL = "{'role':'assistant','content':null,'tool_calls':[{'id':'call_1','type':"
            + "'function','function':{'name':'tides','arguments':'{\\'at\\': \\'Lima\\'}'}}]}";
    private static final String CHAT_RESULT = "{'role':'tool','tool_call_id':'call_1','content':'high at six'}";

    private static @Nullable ToolTurn read(Kind kind, String json) {
        return LastTurn.read(
                kind, json.replace("\\'", "\\\"").replace('\'', '"').getBytes(UTF_8), NOW);
    }

    private static @Nullable ToolTurn chat(String... messages) {
        return read(Kind.CHAT, "{'model':'gpt-5','messages':[" + String.join(",", messages) + "],'stream':true}");
    }

    private static ToolTurn found(@Nullable ToolTurn turn) {
        return Objects.requireNonNull(turn, "A turn was to be found");
    }

    static Stream<Arguments> interfaces() {
        return Stream.of(
                Arguments.of(
                        Kind.CHAT, "{'messages':[" + USER + "," + CHAT_CALL + "," + CHAT_RESULT + "],'model':'gpt-5'}"),
                Arguments.of(
                        Kind.MESSAGES,
                        "{'model':'claude','system':[{'type':'text','text':'be brief'}],'messages':[" + USER
                                + ",{'role':'assistant','content':[{'type':'text','text':'I look.'},{'type':'tool_use',"
                                + "'id':'toolu_1','name':'tides','input':{'at': 'Lima'}}]},{'role':'user','content':["
                                + "{'type':'tool_result','tool_use_id':'toolu_1','content':'high at six'},"
                                + "{'type':'text','text':'go on'}]}]}"),
                Arguments.of(
                        Kind.RESPONSES,
                        "{'model':'gpt-5','input':[" + USER + ",{'type':'reasoning','id':'rs_1','summary':[]},"
                                + "{'type':'function_call','id':'fc_1','call_id':'call_1','name':'tides','arguments':'{\\'at\\':"
                                + " \\'Lima\\'}'},{'type':'function_call_output','call_id':'call_1','output':'high"
                                + " at six'}]}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interfaces")
    void each_interface_says_the_call_and_what_came_back(Kind kind, String request) {
        assertThat(found(read(kind, request)).calls())
                .containsExactly(new LoopCall("tool:tides", "{\"at\": \"Lima\"}", "high at six", false, NOW, NOW));
    }

    @Test
    void what_comes_before_an_answer_was_said_before() {
        assertThat(chat(USER, CHAT_CALL, CHAT_RESULT, "{'role':'assistant','content':'At six.'}", USER))
                .isNull();
        ToolTurn second = found(chat(
                USER,
                CHAT_CALL,
                CHAT_RESULT,
                CHAT_CALL.replace("call_1", "call_2"),
                CHAT_RESULT.replace("call_1", "call_2")));

        assertThat(second.calls()).hasSize(1);
        assertThat(second.id())
                .isNotEqualTo(found(chat(USER, CHAT_CALL, CHAT_RESULT)).id());
    }

    @Test
    void a_turn_that_is_said_again_is_the_same_one_and_a_later_one_of_the_same_ids_is_not() {
        String id = found(chat(USER, CHAT_CALL, CHAT_RESULT)).id();

        assertThat(found(chat(USER, CHAT_CALL, CHAT_RESULT)).id()).isEqualTo(id);
        assertThat(found(chat(USER, CHAT_CALL, CHAT_RESULT, USER)).id())
                .as("with a further question")
                .isEqualTo(id);
        assertThat(found(chat(USER, CHAT_CALL, CHAT_RESULT, CHAT_CALL, CHAT_RESULT))
                        .id())
                .as("of a server that numbers the calls of each answer from the start")
                .isNotEqualTo(id);
    }

    @Test
    void several_calls_of_one_turn_are_distinguished_by_their_ids() {
        String calls = "{'role':'assistant','tool_calls':["
                + "{'id':'a','type':'function','function':{'name':'tides','arguments':'1'}},"
                + "{'id':'b','type':'function','function':{'name':'wind','arguments':'2'}},"
                + "{'id':'c','type':'function','function':{'name':'never','arguments':'3'}}]}";
        ToolTurn turn = found(chat(
                USER,
                calls,
                "{'role':'tool','tool_call_id':'b','content':'north'}",
                "{'role':'tool','tool_call_id':'a','content':[{'type':'text','text':'six'}]}",
                "{'role':'tool','tool_call_id':'unknown','content':'?'}"));

        assertThat(turn.calls())
                .extracting(LoopCall::tool, LoopCall::arguments, LoopCall::result)
                .containsExactly(
                        tuple("tool:wind", "2", "north"),
                        tuple("tool:tides", "1", "[{\"type\":\"text\",\"text\":\"six\"}]"));
    }

    @Test
    void calls_of_one_response_are_items_of_their_own() {
        String items = "{'input':[{'type':'function_call','call_id':'a','name':'tides','arguments':'1'},"
                + "{'type':'function_call','call_id':'b','name':'wind','arguments':'2'},"
                + "{'type':'function_call_output','call_id':'a','output':'six'},"
                + "{'type':'function_call_output','call_id':'b','output':'north'}%s]}";
        assertThat(found(read(Kind.RESPONSES, items.formatted(""))).calls())
                .extracting(LoopCall::tool)
                .containsExactly("tool:tides", "tool:wind");

        String next = ",{'type':'function_call','call_id':'c','name':'tides','arguments':'1'},"
                + "{'type':'function_call_output','call_id':'c','output':'seven'}";
        assertThat(found(read(Kind.RESPONSES, items.formatted(next))).calls())
                .extracting(LoopCall::result)
                .containsExactly("seven");
    }

    @Test
    void a_failed_call_says_so_and_one_without_a_result_is_blind() {
        String request = "{'messages':[{'role':'assistant','content':[{'type':'tool_use','id':'t','name':'tides',"
                + "'input':{}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':'t','is_error':true}]}]}";

        LoopCall call = found(read(Kind.MESSAGES, request)).calls().get(0);
        assertThat(call.failed()).isTrue();
        assertThat(call.result()).isNull();
        assertThat(call.arguments()).isEqualTo("{}");
    }

    @Test
    void what_is_long_is_there_as_its_digest() {
        String text = "x".repeat(100_000);

        LoopCall call = found(chat(USER, CHAT_CALL, CHAT_RESULT.replace("high at six", text)))
                .calls()
                .get(0);
        LoopCall other = found(chat(USER, CHAT_CALL, CHAT_RESULT.replace("high at six", text + "y")))
                .calls()
                .get(0);
        assertThat(call.result()).hasSize(32).isNotEqualTo(other.result());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{'messages':'none'}",
                "{'messages':[1,'two',null,[{'role':'tool'}]]}",
                "{'messages':[{'role':'assistant','tool_calls':[{'id':'a','function':'none'}]}",
                "{'messages':[{'role':'tool','tool_call_id':'a','content':'without its call'}]}",
                "{'messages':[{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'t','arguments':'1'}}]}]}",
                "{'input':'a question'}"
            })
    void a_request_that_says_no_turn_or_cannot_be_read_says_nothing(String request) {
        assertThat(read(Kind.CHAT, request)).isNull();
        assertThat(read(Kind.MESSAGES, request)).isNull();
        assertThat(read(Kind.RESPONSES, request)).isNull();
    }

    @Test
    void a_request_that_is_cut_or_bent_anywhere_throws_nothing() {
        byte[] whole = ("{\"messages\":[" + USER + "," + CHAT_CALL + "," + CHAT_RESULT + "]}")
                .replace("\\'", "\\\"")
                .replace('\'', '"')
                .getBytes(UTF_8);
        Random random = new Random(7);
        for (int i = 0; i < whole.length; i++) {
            assertThat(LastTurn.read(Kind.CHAT, Arrays.copyOf(whole, i), NOW)).isNull();
            byte[] bent = whole.clone();
            bent[i] = (byte) random.nextInt(256);
            LastTurn.read(Kind.CHAT, bent, NOW);
        }
    }
}
