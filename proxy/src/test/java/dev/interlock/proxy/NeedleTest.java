package dev.interlock.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NeedleTest {
    @Test
    void a_word_is_found_where_a_text_has_it_first() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String word = letters(random, 1 + random.nextInt(5));
            String text = letters(random, random.nextInt(40));
            byte[] bytes = text.getBytes(ISO_8859_1);
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);

            int expected = text.substring(from, to).indexOf(word);
            assertThat(new Needle(word).indexIn(bytes, from, to))
                    .as("%s in %s from %s to %s", word, text, from, to)
                    .isEqualTo(expected < 0 ? -1 : from + expected);
            assertThat(new Needle(word).isIn(bytes)).isEqualTo(text.contains(word));
        }
    }

    @Test
    void bytes_beyond_ascii_are_no_letters() {
        byte[] text = "caf\u00e9 \u00ff\"error\"\u0080".getBytes(ISO_8859_1);

        assertThat(new Needle("\"error\"").indexIn(text, 0, text.length)).isEqualTo(6);
        assertThat(new Needle("\"errors\"").isIn(text)).isFalse();
    }

    /** Few different ones, so that words begin often and are rarely whole. */
    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }
}
