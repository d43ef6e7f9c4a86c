package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderRulesTest {
    @Test
    void names_can_be_taken_apart_again_whatever_is_in_them() {
        assertThat(HeaderRules.names(List.of("model:gpt-5@eu", "key:team_a", "planner")))
                .isEqualTo("model:gpt-5@eu, key:team_a, planner");
        assertThat(HeaderRules.names(List.of("a, b", "50% \u00e9", "x\"y\r\nz")))
                .isEqualTo("a%2C%20b, 50%25%20%C3%A9, x%22y%0D%0Az");
    }

    @Test
    void what_is_ours_goes_neither_way() {
        MultiMap sent = MultiMap.caseInsensitiveMultiMap()
                .add("Interlock-Permit", "p")
                .add("X-Kept", "1")
                .add("X-Named", "2")
                .add("Connection", "close, x-named")
                .add("Authorization", "Bearer il_key");
        MultiMap passed = MultiMap.caseInsensitiveMultiMap();
        HeaderRules.request(sent, passed);
        assertThat(passed.names()).containsExactlyInAnyOrder("X-Kept", "accept-encoding");

        MultiMap answered = MultiMap.caseInsensitiveMultiMap()
                .add("interlock-counted", "model:m")
                .add("interlock-refused", "model:m")
                .add("Set-Cookie", "c")
                .add("X-Kept", "1");
        MultiMap back = MultiMap.caseInsensitiveMultiMap();
        HeaderRules.answer(answered, back, false);
        assertThat(back.names()).containsExactly("X-Kept");
        HeaderRules.answer(answered, back, true);
        assertThat(back.names()).contains("interlock-refused").doesNotContain("interlock-counted");
    }
}
