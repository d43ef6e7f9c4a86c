package dev.interlock.facts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every mark is found, alone and among others, and a long text is read only so far. */
class ErrorMarksTest {
    @ParameterizedTest
    @EnumSource
    void each_code_and_each_phrase_is_found(ErrorMark mark) {
        for (String code : mark.codes) {
            assertThat(ErrorMarks.ofCode(code)).as(code).isEqualTo(mark);
            assertThat(ErrorMarks.ofCode(code.toLowerCase(java.util.Locale.ROOT)))
                    .isEqualTo(mark);
            assertThat(ErrorMarks.ofText("{\"code\": \"" + code + "\"}"))
                    .as(code)
                    .isEqualTo(mark);
            assertThat(ErrorMarks.ofText(code))
                    .as("without quotes it may be a prompt")
                    .isNull();
        }
        for (String phrase : mark.phrases) {
            assertThat(ErrorMarks.ofText("Sorry: " + phrase + ".")).as(phrase).isEqualTo(mark);
            assertThat(ErrorMarks.ofText(phrase.toUpperCase(java.util.Locale.ROOT)))
                    .isEqualTo(mark);
        }
    }

    @Test
    void of_several_the_first_in_order_decides_wherever_it_is() {
        assertThat(ErrorMarks.ofText("{\"type\":\"invalid_request_error\",\"code\":\"insufficient_quota\"}"))
                .isEqualTo(ErrorMark.QUOTA);
        assertThat(ErrorMarks.ofText("{\"code\":\"insufficient_quota\",\"x\":\"circuit_open\"}"))
                .isEqualTo(ErrorMark.CIRCUIT_OPEN);
    }

    @Test
    void a_word_that_begins_like_another_is_found_behind_it() {
        assertThat(ErrorMarks.ofText("\"server_error_\"api_error\"")).isEqualTo(ErrorMark.SERVER_ERROR);
        assertThat(ErrorMarks.ofText("prompt is prompt is too long")).isEqualTo(ErrorMark.CONTEXT_LENGTH);
    }

    @Test
    void no_text_and_other_texts_bear_none() {
        assertThat(ErrorMarks.ofText(null)).isNull();
        assertThat(ErrorMarks.ofText("")).isNull();
        assertThat(ErrorMarks.ofText("all is fine")).isNull();
        assertThat(ErrorMarks.ofCode(null)).isNull();
        assertThat(ErrorMarks.ofCode("teapot")).isNull();
    }

    @Test
    void a_text_is_read_as_far_as_8_Ki_characters() {
        String mark = "\"insufficient_quota\"";
        assertThat(ErrorMarks.ofText(" ".repeat(ErrorMarks.LONGEST - mark.length()) + mark))
                .isEqualTo(ErrorMark.QUOTA);
        assertThat(ErrorMarks.ofText(" ".repeat(ErrorMarks.LONGEST - mark.length() + 1) + mark))
                .isNull();
    }

    @Test
    void a_code_is_no_longer_than_8_Ki_characters() {
        String code = "insufficient_quota";
        assertThat(ErrorMarks.ofCode(" ".repeat(ErrorMarks.LONGEST - code.length()) + code))
                .isEqualTo(ErrorMark.QUOTA);
        assertThat(ErrorMarks.ofCode(" ".repeat(ErrorMarks.LONGEST - code.length() + 1) + code))
                .isNull();
    }
}
