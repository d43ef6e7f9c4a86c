package dev.interlock.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a misspelt name was meant to be. */
class SpellingTest {
    private static final List<String> KNOWN = List.of("cooldown", "cooldown_max", "window", "probe");

    @ParameterizedTest
    @CsvSource({
        "cooldown, cooldown",
        "Cool-Down, cooldown",
        "coldown, cooldown",
        "cooldon, cooldown",
        "oldown, cooldown",
        "cooldo, cooldown",
        "cooldownXY, cooldown",
        "XYcooldown, cooldown",
        "coolXdoYwn, cooldown",
        "cXXldown, cooldown",
        "windwo, window",
        "prob, probe",
    })
    void a_name_that_differs_by_one_or_two_letters_is_guessed(String word, String meant) {
        assertThat(Spelling.nearest(word, KNOWN)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"down", "cool", "cooldownXYZ", "XYZcooldown", "cXXXdown", "x", "colour", "''"})
    void one_that_differs_by_more_is_not(String word) {
        assertThat(Spelling.nearest(word, KNOWN)).isNull();
    }

    @Test
    void the_nearest_is_meant_and_of_two_that_are_as_near_the_first() {
        assertThat(Spelling.nearest("colour", List.of("colon", "color", "collar")))
                .isEqualTo("color");
        assertThat(Spelling.nearest("hat", List.of("cat", "bat"))).isEqualTo("cat");
    }

    @Test
    void a_word_that_is_longer_than_any_name_is_not_compared_however_near() {
        String longest = "x".repeat(64);
        List<String> known = List.of("x".repeat(65));
        assertThat(Spelling.nearest(longest, known)).isEqualTo(known.get(0));
        assertThat(Spelling.nearest(longest + "x", known)).isNull();
        assertThat(Spelling.nearest("x".repeat(1_000_000), known)).isNull();
    }
}
