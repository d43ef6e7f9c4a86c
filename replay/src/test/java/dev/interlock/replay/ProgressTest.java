package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000;

    private final StringWriter terminal = new StringWriter();
    private final AtomicLong clock = new AtomicLong();

    @Test
    void says_how_far_it_is_and_leaves_nothing_behind() {
        try (Progress progress = new Progress(new PrintWriter(terminal), 1_000, () -> 250, clock::get)) {
            progress.rows(1);
            assertThat(terminal.toString()).as("at first it is silent").isEmpty();
            clock.set(2 * SECOND);
            progress.rows(3_000_000);
            progress.rows(3_000_001);
        }
        assertThat(terminal.toString())
                .isEqualTo(
                        "\r\u001b[K[#######-----------------------]  25%, 3,000,000 rows, 1,500,000 a second, 6 s left"
                                + "\r\u001b[K");
    }

    @Test
    void shows_rows_alone_where_the_size_is_not_known() {
        try (Progress progress = new Progress(new PrintWriter(terminal), -1, () -> 250, clock::get)) {
            clock.set(SECOND);
            progress.rows(1_000);
        }
        assertThat(terminal.toString()).contains("1,000 rows, 1,000 a second\r").doesNotContain("%");
    }
}
