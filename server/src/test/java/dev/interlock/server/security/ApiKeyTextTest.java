package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApiKeyTextTest {
    @Test
    void a_key_has_a_prefix_an_id_256_random_bits_and_a_checksum() {
        String text = ApiKeyText.random().reveal();

        assertThat(text).matches("il_[a-z2-7]{12}_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}");
        ApiKeyText parsed = Objects.requireNonNull(ApiKeyText.parse(text));
        assertThat(text).contains(parsed.id());
        assertThat(parsed.hash()).hasSize(32).isEqualTo(ApiKeyText.hash(text));
    }

    @Test
    void every_changed_character_is_noticed() {
        String text = ApiKeyText.random().reveal();
        for (int i = 0; i < text.length(); i++) {
            char other = text.charAt(i) == 'a' ? 'b' : 'a';
            assertThat(ApiKeyText.parse(text.substring(0, i) + other + text.substring(i + 1)))
                    .as("changed at %d", i)
                    .isNull();
        }
        assertThat(ApiKeyText.parse(text + "a")).isNull();
        assertThat(ApiKeyText.parse(text.substring(1))).isNull();
        assertThat(ApiKeyText.parse("")).isNull();
    }

    @Test
    void no_two_keys_are_alike() {
        Set<String> ids = new HashSet<>();
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ApiKeyText key = ApiKeyText.random();
            ids.add(key.id());
            keys.add(key.reveal().substring(15));
        }
        assertThat(ids).hasSize(10_000);
        assertThat(keys).hasSize(10_000);
    }

    @Test
    void anyone_who_logs_a_key_logs_its_id_only() {
        ApiKeyText key = ApiKeyText.random();

        assertThat(key).hasToString("il_" + key.id() + "_…");
    }
}
