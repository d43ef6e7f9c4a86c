package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a scenario says that nobody understands is an error, and no step that is quietly left out. */
class ScenarioWordsTest {
    private static List<String> problems(String steps) throws JsonProcessingException {
        return ScenarioWords.problems(
                "x.json", new ObjectMapper().readTree("{\"id\":\"x\",\"policy\":{},\"steps\":" + steps + "}"));
    }

    @Test
    void all_words_of_the_format_are_known() throws JsonProcessingException {
        assertThat(problems("""
                [{"at_ms":0,"do":"begin","ref":"a","caller":"one","expect":{"admitted":true,"state":"closed"}},
                 {"at_ms":0,"do":"call","parent":"a","outcome":"failure","kind":"TIMEOUT","repeat":3,"took_ms":5,
                  "failure_retry_after_ms":7,"expect":{"admitted":true,"transitions":0}},
                 {"at_ms":1,"do":"end","ref":"a","outcome":"ignored"},
                 {"at_ms":1,"do":"record","outcome":"success","caller":"two"},
                 {"at_ms":2,"do":"hold_open"},
                 {"at_ms":2,"do":"call","outcome":"success","expect":{"admitted":false,"retry_after_ms":5}},
                 {"at_ms":2,"do":"read","expect":{"state":"half_open"}}]
                """)).isEmpty();
    }

    @Test
    void an_unknown_word_is_named_with_file_and_step() throws JsonProcessingException {
        assertThat(problems("[{\"at_ms\":0,\"do\":\"read\"},{\"at_ms\":0,\"do\":\"read\",\"calller\":\"a\"}]"))
                .singleElement()
                .asString()
                .startsWith("x.json, step 2: calller: unknown word; known are at_ms, caller, do,");
        assertThat(problems("[{\"at_ms\":0,\"do\":\"read\",\"expect\":{\"opened\":1}}]"))
                .singleElement()
                .asString()
                .startsWith("x.json, step 1: opened: unknown word; known are admitted,");
    }

    @Test
    void a_value_that_is_none_is_named() throws JsonProcessingException {
        assertThat(problems("""
                [{"at_ms":5,"do":"dance"},
                 {"at_ms":5,"do":"call","outcome":"well"},
                 {"at_ms":4,"do":"call","outcome":"failure","kind":"HEADACHE"},
                 {"at_ms":6,"do":"end","ref":"b","outcome":"success"},
                 {"at_ms":6,"do":"begin"},
                 {"at_ms":6,"do":"call","outcome":"success","parent":"b","caller":7},
                 {"at_ms":"6","do":"read","expect":{"state":"ajar","admitted":true}}]
                """))
                .satisfiesExactly(
                        each -> assertThat(each).isEqualTo("x.json, step 1: do: unknown: 'dance'"),
                        each -> assertThat(each).startsWith("x.json, step 2: outcome: must be one of failure, ignored"),
                        each -> assertThat(each).startsWith("x.json, step 3: at_ms: must not be before"),
                        each -> assertThat(each).startsWith("x.json, step 3: kind: must be one of AUTHENTICATION"),
                        each -> assertThat(each).isEqualTo("x.json, step 4: ref: unknown permit: 'b'"),
                        each -> assertThat(each).startsWith("x.json, step 5: ref: must name"),
                        each -> assertThat(each).startsWith("x.json, step 6: parent: must be the ref"),
                        each -> assertThat(each).isEqualTo("x.json, step 6: caller: must be a name"),
                        each -> assertThat(each).startsWith("x.json, step 7: at_ms: must be a whole number"),
                        each -> assertThat(each).startsWith("x.json, step 7: state: must be one of closed, half_open"),
                        each -> assertThat(each).startsWith("x.json, step 7: admitted: must be true or false, of"));
    }

    @Test
    void a_file_without_steps_is_none() throws JsonProcessingException {
        assertThat(problems("[]")).containsExactly("x.json: steps: must be a list of steps");
    }
}
