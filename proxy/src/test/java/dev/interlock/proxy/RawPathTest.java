package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawPathTest {
    @Test
    void a_target_is_taken_apart_and_stays_as_it_came() {
        assertThat(RawPath.of("/proxy/openai/v1/models?limit=2&after=a%2Fb"))
                .isEqualTo(new RawPath("openai", "/v1/models", "?limit=2&after=a%2Fb"));
        assertThat(RawPath.of("/proxy/a/")).isEqualTo(new RawPath("a", "/", ""));
        assertThat(RawPath.of("/proxy/a/v1/x%20y?")).isEqualTo(new RawPath("a", "/v1/x%20y", "?"));
        assertThat(RawPath.of("/proxy/a/v1/r:stream,b@c=1")).isEqualTo(new RawPath("a", "/v1/r:stream,b@c=1", ""));
        assertThat(RawPath.of("/proxy/a/...")).as("three dots are a name").isEqualTo(new RawPath("a", "/...", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://elsewhere/proxy/a/v1",
                "*",
                "",
                "/proxy/a/v1/../admin",
                "/proxy/a/..",
                "/proxy/a/./v1",
                "/proxy/a//v1",
                "/proxy/a/v1//x",
                "/proxy/a/v1/%2e%2e/admin",
                "/proxy/a/v1/.%2e/admin",
                "/proxy/a/v1%2fadmin",
                "/proxy/a/v1%2Fadmin",
                "/proxy/a/v1%5cadmin",
                "/proxy/a/v1\\admin",
                "/proxy/a/%761",
                "/proxy/a/v1%00",
                "/proxy/a/v1%0d%0aHost:x",
                "/proxy/a/v1%7f",
                "/proxy/a/v1%25",
                "/proxy/a/v1%2",
                "/proxy/a/v1%",
                "/proxy/a/v1%zz",
                "/proxy/a/v1;x=1",
                "/proxy/a/v1#x",
                "/proxy/a/v1 x",
                "/proxy/a/v1\u00e9",
                "/proxy/a/v1\tx",
                "/proxy/a/v1?a b",
                "/proxy/a/v1?a#b",
                "/proxy/a/v1?\u00e9",
                "/proxy/a/v1?a\u0000",
            })
    void what_could_be_read_as_another_path_is_refused(String target) {
        refused(target, 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/proxy", "/proxy/", "/proxy/a", "/proxy/a?x=/", "/proxyx/a/v1", "/Proxy/a/v1", "/proxy//v1"
            })
    void what_names_no_upstream_is_not_there(String target) {
        refused(target, 404);
    }

    @Test
    void a_name_has_at_most_64_characters() {
        String name = "a".repeat(64);
        assertThat(RawPath.of("/proxy/" + name + "/v1").upstream()).isEqualTo(name);
        refused("/proxy/" + name + "a/v1", 404);
    }

    private static void refused(String target, int status) {
        assertThatExceptionOfType(ProxyProblem.class)
                .isThrownBy(() -> RawPath.of(target))
                .satisfies(problem -> assertThat(problem.status()).as(target).isEqualTo(status));
    }
}
