package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class NeededTest {
    @Test
    void a_program_that_is_here_is_found() {
        assertThat(Needed.program("java", "openjdk-17-jdk", "anything").getFileName())
                .hasToString("java");
    }

    @Test
    void a_folder_is_no_program() {
        assertThat(Needed.find(".")).isEmpty();
        assertThat(Needed.find("no-such-program")).isEmpty();
    }

    @Test
    void what_is_missing_skips_a_test_and_in_ci_fails_it() {
        String said = "There is no nginx here, so NOT tested: its settings";
        assertThatThrownBy(() -> Needed.missing("no nginx here", "its settings", false))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining(said);
        assertThatThrownBy(() -> Needed.missing("no nginx here", "its settings", true))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessage(said);
    }
}
