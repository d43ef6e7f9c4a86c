package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EndsTest {
    private static Ends of(String... pieces) {
        Ends ends = new Ends(4);
        for (String each : pieces) {
            ends.add(each.getBytes(StandardCharsets.US_ASCII));
        }
        return ends;
    }

    private static String text(Ends ends) {
        return new String(ends.bytes(), StandardCharsets.US_ASCII);
    }

    @Test
    void what_fits_is_kept_whole() {
        assertThat(text(of())).isEmpty();
        assertThat(text(of("", "ab", "", "c"))).isEqualTo("abc");
        assertThat(text(of("abcd"))).isEqualTo("abcd");
        assertThat(text(of("abcde"))).isEqualTo("abcde");
        assertThat(text(of("abc", "defgh"))).isEqualTo("abcdefgh");
        assertThat(of("abc", "defgh").areAll()).isTrue();
    }

    @Test
    void of_what_is_longer_the_middle_is_left_out() {
        assertThat(text(of("abcdefghi"))).isEqualTo("abcd\n\nfghi");
        assertThat(text(of("a", "bcdefghijklmno", "p"))).isEqualTo("abcd\n\nmnop");
        assertThat(of("abcdefghi").areAll()).isFalse();
        assertThat(of("abcdefghi").length()).isEqualTo(9);
    }

    @Test
    void a_piece_that_is_changed_later_changes_nothing() {
        byte[] piece = "abcdefgh".getBytes(StandardCharsets.US_ASCII);
        Ends ends = new Ends(4);
        ends.add(piece);
        ends.add("i".getBytes(StandardCharsets.US_ASCII));
        assertThat(text(ends)).isEqualTo("abcd\n\nfghi");
    }

    @Test
    void pieces_make_no_difference() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder all = new StringBuilder();
            Ends ends = new Ends(4);
            for (int i = random.nextInt(12); i > 0; i--) {
                String piece = "abcdefghijklmnop".substring(0, random.nextInt(16));
                all.append(piece);
                ends.add(piece.getBytes(StandardCharsets.US_ASCII));
            }
            String whole = all.toString();
            String expected =
                    whole.length() <= 8 ? whole : whole.substring(0, 4) + "\n\n" + whole.substring(whole.length() - 4);
            assertThat(text(ends)).isEqualTo(expected);
            assertThat(ends.length()).isEqualTo(whole.length());
        }
    }
}
