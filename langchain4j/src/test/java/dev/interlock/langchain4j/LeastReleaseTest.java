package dev.interlock.langchain4j;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LeastReleaseTest {
    @Test
    void the_release_that_it_is_tested_with_will_do() {
        assertThatCode(LeastRelease::require).doesNotThrowAnyException();
    }

    @Test
    void an_older_one_is_named_with_the_way_out() {
        assertThatThrownBy(() -> LeastRelease.require(
                        "dev.langchain4j.Missing", getClass().getClassLoader()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needs LangChain4j 1.13 or later")
                .hasMessageContaining("import langchain4j-bom");
    }
}
