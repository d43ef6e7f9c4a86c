package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000",
                "\n",
                "\u007f",
                "\u0085",
                "\u00ad",
                "\u200b",
                "\u200d",
                "\u2028",
                "\u2029",
                "\u202e",
                "\u2066",
                "\ufeff",
                "\ud800",
                "\udc00",
                "\udb40\udc41"
            })
    void no_control_separator_format_character_or_half_is_printable(String character) {
        assertThat(PrintableText.unprintableAt("ab" + character)).isEqualTo(2);
        assertThat(PrintableText.masked("ab" + character + "c", '?')).isEqualTo("ab?c");
        assertThat(PrintableText.describe("ab" + character, 2)).matches("U\\+[0-9A-F]{4,6} at position 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "planner", "Zürich ~", "日本語", "model:kimi-k2", "\ud83d\ude80", "\u05d0\u0628", "a\u00a0b"})
    void everything_else_is(String text) {
        assertThat(PrintableText.unprintableAt(text)).isEqualTo(-1);
        assertThat(PrintableText.masked(text, '?')).isSameAs(text);
    }

    @Test
    void a_reason_may_have_lines_and_nothing_else_that_cannot_be_seen() {
        ManualOverride open = ManualOverride.of(OverrideAction.OPEN, "anna");
        assertThat(open.because("one\n\ttwo").reason()).isEqualTo("one\n\ttwo");
        for (String reason : new String[] {"a\u2028b", "a\u202eb", "a\u0007b", "\ud800"}) {
            assertThatThrownBy(() -> open.because(reason))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("U+");
        }
    }
}
