package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DatabaseSettingsTest {
    @Test
    void anotherDatabaseIsRefusedWithoutItsCredentials() {
        assertThatThrownBy(() -> new DatabaseSettings("jdbc:mysql://root:hunter2@host/db", null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "A database URL must begin with jdbc:postgresql:// or jdbc:sqlite:, but this one begins with"
                                + " 'jdbc:mysql:'");
    }

    @Test
    void aDatabaseInMemoryWouldNotOutliveAnything() {
        assertThatThrownBy(() -> new DatabaseSettings("jdbc:sqlite::memory:", null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must name a file");
    }

    @Test
    void noCredentialIsShown() {
        DatabaseSettings settings =
                new DatabaseSettings("jdbc:postgresql://db/fleet?password=hunter2", "anna", "hunter2");

        assertThat(settings.toString()).isEqualTo("DatabaseSettings[jdbc:postgresql://db/fleet]");
    }

    @Test
    void aUserBeforeTheHostWhichTheDriverWouldTakeForAHostIsRefused() {
        assertThatThrownBy(() -> new DatabaseSettings("jdbc:postgresql://anna:hunter2@db/fleet", null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give them by their own settings")
                .hasMessageNotContaining("hunter2");
    }
}
