package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CallerTest {
    @Test
    void an_agents_pattern_limits_whom_it_acts_for_but_not_the_upstreams_it_shares() {
        Caller caller = new Caller("acme", Role.AGENT, "billing (key abc)", "billing-*", false);

        assertThat(caller.mayTouch("billing-1")).isTrue();
        assertThat(caller.mayTouch("planner")).isFalse();
        assertThat(caller.mayTouch("model:kimi-k2")).isFalse();
        assertThat(caller.mayDependOn("billing-2")).isTrue();
        assertThat(caller.mayDependOn("model:kimi-k2")).isTrue();
        assertThat(caller.mayDependOn("tool:search")).isTrue();
        assertThat(caller.mayDependOn("key:openai")).isTrue();
        assertThat(caller.mayDependOn("mcp:files")).isTrue();
        assertThat(caller.mayDependOn("planner")).isFalse();
    }

    @Test
    void without_a_pattern_or_with_another_role_every_name_is_allowed() {
        assertThat(new Caller("acme", Role.AGENT, "all", null, false).mayTouch("planner"))
                .isTrue();
        assertThat(new Caller("acme", Role.ADMIN, "boss", null, false).mayTouch("planner"))
                .isTrue();
    }

    @Test
    void no_caller_has_an_organization_or_a_pattern_that_could_not_be() {
        assertThatThrownBy(() -> new Caller("", Role.ADMIN, "x", null, false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Caller("acme", Role.AGENT, "x", " ", false))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
