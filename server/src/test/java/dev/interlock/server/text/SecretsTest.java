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
        "?auth=bearer%20hunter2, ?auth=…",
        "https://bob:hunter2@h/path, https://…@h/path",
        "https://hunter2@h, https://…@h",
        "'cannot reach redis://:hunter2@h:6379/0, away', 'cannot reach redis://…@h:6379/0, away'",
        "'<jdbc:postgresql://bob:hun/ter2@h:5432/db>', '<jdbc:postgresql://…@h:5432/db>'",
        "https://bob:hun@ter2@h/?a=b@c, https://…@h/?a=b@c",
        "'rediss://a:hunter2@one:1,two:2 and http://b:hunter2@h', 'rediss://…@one:1,two:2 and http://…@h'",
        "jdbc:postgresql://h/db?user=bob&password=hunter2&ssl=true, jdbc:postgresql://h/db?user=bob&password=…&ssl=true",
        "https://h/keys?api_key=hunter2#top, https://h/keys?api_key=…#top",
        "https://h/x?X-Amz-Signature=hunter2, https://h/x?X-Amz-Signature=…",
        "KEY KEY, il_abcdefgh2345_… il_abcdefgh2345_…"
    })
    void credentials_lose_their_secrets(String text, String shown) {
        assertThat(Secrets.hidden(text.replace("KEY", KEY))).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "planner",
                "il_",
                "https://h:8080/a@b",
                "http://[::1]:1/",
                "a://b",
                "see ?state=open&limit=5",
                "key=value",
                "jwks-url = https://h/x: must be",
                "user@host",
                "a = b",
                "://",
                "http://h:8080?x=1",
                "mail_server_1",
                "eyJ",
                "bearers of news",
                "tool:vigil_keeper",
                "$1 \\1"
            })
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
