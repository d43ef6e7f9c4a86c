package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a running server leaves in its data folder, and what it does with one that is not as it should be. */
class DataFolderTest {
    @TempDir
    private Path parent;

    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> everything = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            log.add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        everything.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        everything.start();
        root.addAppender(everything);
    }

    @AfterEach
    void stop() {
        root.detachAppender(everything);
    }

    @Test
    void whatever_it_holds_belongs_to_its_owner_alone() throws IOException {
        Path data = parent.resolve("data");
        try (RunningServer server = RunningServer.without("admin-key", data)) {
            order(server);
            assertThat(mode(data)).isEqualTo("rwx------");
            all(data, "rw-------");
            assertThat(Files.exists(data.resolve("admin-key"))).isTrue();
        }
        all(data, "rw-------");
        assertThat(log).noneMatch(line -> line.contains("could be read"));
    }

    @Test
    void a_folder_of_an_earlier_release_is_tightened_and_that_is_said() throws IOException {
        Path data = parent.resolve("data");
        RunningServer.without("admin-key", data).close();
        Files.writeString(data.resolve("admin-key.old-1"), "another");
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Stream<Path> files = Files.list(data)) {
            for (Path each : files.toList()) {
                Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-r--r--"));
            }
        }

        try (RunningServer server = RunningServer.without("admin-key", data)) {
            order(server);
            assertThat(mode(data)).isEqualTo("rwx------");
            all(data, "rw-------");
            assertThat(log)
                    .anyMatch(line -> line.contains(data + " could be read by others"))
                    .anyMatch(line -> line.contains("interlock.db could be read by others"))
                    .anyMatch(line -> line.contains("admin-key could be read by others"));
        }
    }

    @Test
    void a_second_server_on_a_folder_is_refused_also_where_the_file_of_the_lock_was_removed() throws IOException {
        Path data = parent.resolve("data");
        try (RunningServer server = RunningServer.on(data)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> RunningServer.on(data))
                        .isInstanceOf(StartException.class)
                        .hasMessageContaining("in use by another server");
                Files.delete(data.resolve("interlock.db.lock"));
            }
            order(server);
        }
    }

    @Test
    void an_emptied_database_is_no_reason_to_start_with_nothing_held() throws IOException {
        Path data = parent.resolve("data");
        try (RunningServer server = RunningServer.on(data)) {
            order(server);
        }
        Files.write(data.resolve("interlock.db"), new byte[0]);

        assertThatThrownBy(() -> RunningServer.on(data))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("is empty or gone")
                .hasMessageContaining("Restore a backup");
    }

    private static void order(RunningServer server) {
        assertThat(server.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\": \"hold_open\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    private static void all(Path data, String mode) throws IOException {
        try (Stream<Path> files = Files.list(data)) {
            for (Path each : files.toList()) {
                assertThat(mode(each)).as(each.toString()).isEqualTo(mode);
            }
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
