package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which circuits ignore an outer outcome, by what became of the calls within it. */
class InnerCallsTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final CircuitId OTHER = CircuitId.of("other");
    private static final Set<CircuitId> NONE = Set.of();

    @Test
    void one_that_admitted_an_inner_call_does() {
        InnerCalls inner = new InnerCalls(Set.of(AGENT), NONE, NONE);
        assertThat(inner.hide(AGENT, false)).isTrue();
        assertThat(inner.hide(OTHER, false)).isFalse();
        assertThat(InnerCalls.NONE.hide(AGENT, false)).isFalse();
    }

    @Test
    void but_a_failure_of_its_own_counts_unless_an_inner_call_of_it_failed() {
        assertThat(new InnerCalls(Set.of(AGENT), NONE, NONE).hide(AGENT, true)).isFalse();
        assertThat(new InnerCalls(Set.of(AGENT), NONE, Set.of(AGENT)).hide(AGENT, true))
                .isTrue();
        assertThat(new InnerCalls(Set.of(AGENT), NONE, Set.of(OTHER)).hide(AGENT, true))
                .isFalse();
    }

    @Test
    void one_that_refused_an_inner_call_does_whatever_the_outcome() {
        InnerCalls inner = new InnerCalls(NONE, Set.of(AGENT), NONE);
        assertThat(inner.hide(AGENT, false)).isTrue();
        assertThat(inner.hide(AGENT, true)).isTrue();
    }

    @Test
    void it_keeps_copies() {
        Set<CircuitId> given = new HashSet<>(Set.of(AGENT));
        InnerCalls inner = new InnerCalls(given, given, given);
        given.clear();
        assertThat(inner.admitted()).containsExactly(AGENT);
    }
}
