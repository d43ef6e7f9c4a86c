package dev.interlock.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String KEY = "il_abcdefgh2345_" + "Zx9_-".repeat(9) + "0abcDE";

    @ParameterizedTest
    @CsvSource({
        "KEY, il_abcdefgh2345_…",
        "'/api/v1/circuits/KEY/action', /api/v1/circuits/il_abcdefgh2345_…/action",
        "'Unrecognized token ''KEY'': was expecting', 'Unrecognized token ''il_abcdefgh2345_…'': was expecting'",
        "il_abcdefgh2345_Zx9, il_abcdefgh2345_…",
        "ticket=ilt_Zx9_Zx9&a=1, ticket=ilt_…&a=1",
        "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmVk!, eyJ…!",
        "eyJhbGciOiJIUzI1Ni, eyJ…",
        "'Authorization: Bearer hunter2-hunter2', 'Authorization: Bearer…'",
        "?auth=bearer%20hunter2, ?auth=bearer…",
        "KEY KEY, il_abcdefgh2345_… il_abcdefgh2345_…"
    })
    void credentials_lose_their_secrets(String text, String shown) {
        assertThat(Secrets.hidden(text.replace("KEY", KEY))).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "planner", "il_", "mail_server_1", "eyJ", "bearers of news", "tool:vigil_keeper", "$1 \\1"})
    void everything_else_stays(String text) {
        assertThat(Secrets.hidden(text)).isEqualTo(text);
    }

    @Test
    void a_secret_of_the_configuration_is_hidden_until_the_last_server_that_has_it_ends() {
        String secret = "a secret without a form";
        Secrets.hide(secret);
        Secrets.hide(secret);
        Secrets.forget(secret);
        assertThat(Secrets.hidden("<" + secret + ">")).isEqualTo("<…>");

        Secrets.forget(secret);
        assertThat(Secrets.hidden("<" + secret + ">")).isEqualTo("<" + secret + ">");
    }

    @Test
    void a_cut_cannot_bring_a_secret_to_light() {
        for (int before = 0; before < 100; before++) {
            assertThat(Texts.shown("x".repeat(before) + " " + KEY)).doesNotContain("Zx9");
        }
    }
}
