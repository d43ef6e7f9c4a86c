package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.ManualTimeSource;
import dev.interlock.jdbc.Author;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstAdminKeyTest {
    @TempDir
    private Path folder;

    private final InMemoryKeys store = new InMemoryKeys();

    @Test
    void the_first_start_writes_a_key_that_only_the_owner_may_read() throws IOException {
        AdminKeyNotice notice = start(false);

        Path file = folder.resolve("data/admin-key");
        assertThat(notice.made()).isTrue();
        assertThat(notice.file()).isEqualTo(file);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        Caller caller = Objects.requireNonNull(find(Files.readString(file).strip()));
        assertThat(caller.role()).isEqualTo(Role.ADMIN);
        assertThat(caller.organization()).isEqualTo("default");
        assertThat(caller.installationAdmin()).isTrue();
        assertThat(notice.message()).doesNotContain(Files.readString(file).strip());
        assertThat(names()).containsExactly("admin-key");
    }

    @Test
    void a_restart_reuses_it() throws IOException {
        start(false);
        String key = Files.readString(folder.resolve("data/admin-key"));

        AdminKeyNotice again = start(false);

        assertThat(again.made()).isFalse();
        assertThat(again.message()).isEqualTo("The admin key lies in " + folder.resolve("data/admin-key"));
        assertThat(Files.readString(folder.resolve("data/admin-key"))).isEqualTo(key);
        assertThat(store.all()).hasSize(1);
    }

    @Test
    void of_two_servers_that_start_at_once_one_makes_the_key() throws IOException {
        KeyRing second = ring();
        start(false);

        AdminKeyNotice notice =
                new FirstAdminKey(second, folder.resolve("second"), new ManualTimeSource()).ensure(false);

        assertThat(notice.made()).isFalse();
        assertThat(notice.message()).startsWith("Another server");
        assertThat(folder.resolve("second/admin-key")).doesNotExist();
        assertThat(store.all()).hasSize(1);
        assertThat(second.installationKey()).isEqualTo(store.all().get(0));
    }

    @Test
    void a_lost_file_stops_nothing_and_says_the_way_out() throws IOException {
        start(false);
        Files.delete(folder.resolve("data/admin-key"));

        AdminKeyNotice notice = start(false);

        assertThat(notice.file()).isNull();
        assertThat(notice.message())
                .contains(
                        "only its hash is kept",
                        "INTERLOCK_ADMIN_KEY",
                        store.all().get(0).id());
        assertThat(store.all()).hasSize(1);
    }

    @Test
    void the_way_out_works() throws IOException {
        start(false);
        Files.delete(folder.resolve("data/admin-key"));
        String lost = store.all().get(0).id();
        start(true);
        Caller configured = new ConfiguredKey("a key of my choice").caller();
        KeyRing ring = ring();

        assertThat(new KeyAdministration(ring, new ManualTimeSource()).remove(configured, null, lost))
                .isEqualTo(KeyRemoval.REMOVED);
        assertThat(start(false).made()).isTrue();
        assertThat(find(Files.readString(folder.resolve("data/admin-key")).strip()))
                .isNotNull();
    }

    @Test
    void a_key_that_was_removed_does_not_come_back_from_its_file() throws IOException {
        start(false);
        String removed = Files.readString(folder.resolve("data/admin-key")).strip();
        store.remove(store.all().get(0), new Author("ada", Instant.EPOCH));

        assertThat(start(false).made()).isTrue();

        assertThat(find(removed)).isNull();
        assertThat(names()).containsExactlyInAnyOrder("admin-key", "admin-key.old-1");
        assertThat(Files.readString(folder.resolve("data/admin-key.old-1")).strip())
                .as("it may be the key of another database, so nobody's is deleted")
                .isEqualTo(removed);
    }

    @Test
    void a_configured_key_is_neither_written_nor_kept() {
        AdminKeyNotice notice = start(true);

        assertThat(notice.made()).isFalse();
        assertThat(Files.exists(folder.resolve("data/admin-key"))).isFalse();
        assertThat(store.all()).isEmpty();
    }

    @Test
    void where_the_file_cannot_be_written_no_key_is_made() throws IOException {
        Files.writeString(folder.resolve("data"), "a file where the folder should be");

        assertThatThrownBy(() -> start(false))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("set INTERLOCK_ADMIN_KEY");
        assertThat(store.all()).isEmpty();
    }

    private AdminKeyNotice start(boolean configured) {
        return new FirstAdminKey(ring(), folder.resolve("data"), new ManualTimeSource()).ensure(configured);
    }

    private KeyRing ring() {
        KeyRing ring = new KeyRing(store, new ManualTimeSource());
        ring.reload();
        return ring;
    }

    private Caller find(String text) {
        ApiKeyText key = ApiKeyText.parse(text);
        return key == null ? null : ring().find(key);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
