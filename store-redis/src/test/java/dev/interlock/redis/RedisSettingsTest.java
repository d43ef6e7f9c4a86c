package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where Redis is: how it can be said, and what is no answer to that. */
class RedisSettingsTest {
    private static final String FULL = "rediss://ann:se%40cret@one:7000,two/3";

    @Test
    void the_defaults_need_nothing_but_a_place() {
        assertThat(RedisSettings.of("redis://one"))
                .isEqualTo(new RedisSettings(
                        "redis://one",
                        "interlock",
                        Duration.ofMillis(50),
                        Duration.ofSeconds(2),
                        RedisSettings.BY_KIND));
    }

    @Test
    void each_can_be_another_and_the_rest_stays() {
        RedisSettings all = RedisSettings.of("redis://one")
                .withPrefix("acme")
                .withSlowAfter(Duration.ofSeconds(1))
                .withReplicas(10);

        assertThat(all)
                .isEqualTo(new RedisSettings("redis://one", "acme", Duration.ofSeconds(1), Duration.ofSeconds(2), 10));
        assertThat(all.withReplicas(RedisSettings.BY_KIND).replicas()).isEqualTo(RedisSettings.BY_KIND);
        assertThat(all.withSlowAfter(Duration.ofSeconds(2)).slowAfter()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void an_address_has_user_password_port_database_and_a_name() {
        List<RedisURI> addresses = RedisSettings.of(FULL).addresses();

        assertThat(addresses).extracting(RedisURI::getHost).containsExactly("one", "two");
        assertThat(addresses).extracting(RedisURI::getPort).containsExactly(7000, 6379);
        assertThat(addresses).allSatisfy(each -> {
            RedisCredentials who = Objects.requireNonNull(
                    each.getCredentialsProvider().resolveCredentials().block());
            assertThat(who.getUsername()).isEqualTo("ann");
            assertThat(who.getPassword()).isEqualTo("se@cret".toCharArray());
            assertThat(each.getDatabase()).isEqualTo(3);
            assertThat(each.isSsl()).isTrue();
            assertThat(each.getClientName()).isEqualTo("interlock");
            assertThat(each.getTimeout()).isEqualTo(Duration.ofSeconds(2));
        });
        assertThat(RedisSettings.of("REDIS://one:7000").addresses())
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.isSsl()).isFalse();
                    assertThat(each.getDatabase()).isZero();
                });
    }

    @Test
    void texts_name_the_place_and_no_password() {
        assertThat(RedisSettings.of(FULL).place()).isEqualTo("one:7000,two:6379");
        assertThat(RedisSettings.of(FULL))
                .hasToString("RedisSettings[one:7000,two:6379, prefix=interlock, slowAfter=PT0.05S, timeout=PT2S,"
                        + " replicas=-1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "one:6379", "http://one", "://one", "redis:one"})
    void a_url_of_something_else_is_refused(String url) {
        assertThatThrownBy(() -> RedisSettings.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The URL of Redis must begin with redis:// or rediss://");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://",
                "redis://:secret@",
                "redis://:secret@one,",
                "redis://:secret@one:port",
                "redis://:secret@one two",
                "redis://:secret@one/database"
            })
    void a_url_that_names_no_redis_is_refused_and_not_repeated(String url) {
        assertThatThrownBy(() -> RedisSettings.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The URL of Redis must ")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a{b", "a}b"})
    void a_prefix_that_would_break_keys_is_refused(String prefix) {
        assertThatThrownBy(() -> RedisSettings.of("redis://one").withPrefix(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The prefix of keys in Redis must not be blank nor hold braces");
    }

    @Test
    void times_that_contradict_each_other_are_refused() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofSeconds(3))) {
            assertThatThrownBy(() -> RedisSettings.of("redis://one").withSlowAfter(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("but they were " + wrong + " and PT2S");
        }
    }

    @Test
    void a_number_of_replicas_that_cannot_be_is_refused() {
        for (int wrong : new int[] {-2, 11}) {
            assertThatThrownBy(() -> RedisSettings.of("redis://one").withReplicas(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("replicas must be 0 to 10, but was " + wrong);
        }
    }
}
