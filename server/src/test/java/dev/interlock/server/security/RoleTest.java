package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleTest {
    @ParameterizedTest(name = "a {0} may: view {1}, operate {2}, administer {3}, act as an agent {4}")
    @CsvSource({
        "viewer,   true,  false, false, false",
        "operator, true,  true,  false, false",
        "admin,    true,  true,  true,  true",
        "agent,    false, false, false, true"
    })
    void each_role_may_exactly_this(String role, boolean view, boolean operate, boolean administer, boolean act) {
        Role has = Role.of(role);

        assertThat(has.may(Role.VIEWER)).isEqualTo(view);
        assertThat(has.may(Role.OPERATOR)).isEqualTo(operate);
        assertThat(has.may(Role.ADMIN)).isEqualTo(administer);
        assertThat(has.may(Role.AGENT)).isEqualTo(act);
    }

    @Test
    void only_the_exact_words_are_roles() {
        for (String wrong : new String[] {"", "Admin", "ADMIN", " admin", "root", "admin\u0000"}) {
            assertThatThrownBy(() -> Role.of(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("A role must be viewer, operator, admin or agent");
        }
    }
}
