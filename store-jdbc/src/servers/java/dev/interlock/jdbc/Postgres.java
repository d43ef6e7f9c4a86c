package dev.interlock.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.opentest4j.TestAbortedException;

/**
 * A real PostgreSQL for the tests of this JVM: the one that {@code -Dinterlock.test.postgres=jdbc:postgresql://…} names,
 * or else one from embedded binaries, started at the first use.
 */
public final class Postgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private Postgres() {}

    /** An empty database of its own. */
    public static DatabaseSettings empty() {
        return settings(create(""));
    }

    /** A database of its own as its first start leaves it: a copy, which takes less time than to make all tables. */
    public static DatabaseSettings migrated() {
        return settings(create(" TEMPLATE " + Template.NAME));
    }

    private static String create(String how) {
        String url = Server.url();
        String name = "interlock_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + how);
        } catch (SQLException failed) {
            throw new IllegalStateException("No database could be made at " + url, failed);
        }
        return name;
    }

    private static DatabaseSettings settings(String database) {
        return new DatabaseSettings(Server.url().replaceFirst("(//[^/]+/)[^?]*", "$1" + database), null, null);
    }

    /** A server of its own that can be stopped and started again, always from embedded binaries. */
    static Restartable restartable(Path folder) throws IOException {
        Server.url();
        Restartable server = new Restartable(folder);
        server.start();
        return server;
    }

    /** A server with its data in a folder. */
    static final class Restartable {
        private final Path folder;
        private int port;
        private EmbeddedPostgres running;

        private Restartable(Path folder) {
            this.folder = folder;
        }

        void start() throws IOException {
            EmbeddedPostgres.Builder builder =
                    EmbeddedPostgres.builder().setDataDirectory(folder).setCleanDataDirectory(false);
            running = (port == 0 ? builder : builder.setPort(port)).start();
            port = running.getPort();
        }

        void stop() throws IOException {
            if (running != null) {
                running.close();
                running = null;
            }
        }

        DatabaseSettings settings() {
            return new DatabaseSettings(running.getJdbcUrl("postgres", "postgres"), null, null);
        }
    }

    /** Made when it is first needed. */
    private static final class Template {
        static final String NAME = make();

        private static String make() {
            String name = create("");
            Database.open(settings(name)).close();
            // its connections end a moment after they are closed, and nobody may be connected to what is copied
            Awaitility.await().pollInSameThread().ignoreExceptions().until(() -> {
                create(" TEMPLATE " + name);
                return true;
            });
            return name;
        }
    }

    /** Started when it is first needed. */
    private static final class Server {
        private static final Path MEMORY = Path.of("/dev/shm");
        private static final String FOLDER = "interlock-postgres-";
        private static final long ROOM = 4L << 30;
        private static final String URL = start();

        static String url() {
            if (URL.isEmpty()) {
                throw new TestAbortedException("There is no PostgreSQL for this platform: see the message above");
            }
            return URL;
        }

        /**
         * Its files are in memory where there is plenty: a database has some three hundred, and to make them there takes a
         * tenth of the time.
         */
        private static EmbeddedPostgres.Builder builder() throws IOException {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
            if (!Files.isWritable(MEMORY) || Files.getFileStore(MEMORY).getUsableSpace() < ROOM) {
                return builder;
            }
            try (Stream<Path> folders = Files.list(MEMORY)) {
                folders.filter(Server::isLeft).forEach(Server::delete);
            }
            return builder.setDataDirectory(
                    MEMORY.resolve(FOLDER + ProcessHandle.current().pid()));
        }

        /** Whether a folder is of a process that was killed. */
        private static boolean isLeft(Path folder) {
            String name = folder.getFileName().toString();
            return name.startsWith(FOLDER)
                    && ProcessHandle.of(Long.parseLong(name.substring(FOLDER.length())))
                            .isEmpty();
        }

        private static void delete(Path folder) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            } catch (IOException | UncheckedIOException another) {
                // deletes it at the same time
            }
        }

        private static String start() {
            String named = System.getProperty("interlock.test.postgres");
            if (named != null) {
                return named;
            }
            try {
                @SuppressWarnings("resource") // lives as long as this JVM, which stops it
                EmbeddedPostgres started = builder().start();
                return started.getJdbcUrl("postgres", "postgres");
            } catch (IOException | RuntimeException failed) {
                if (Boolean.getBoolean("interlock.ci")) {
                    throw new IllegalStateException("PostgreSQL does not start, and here it has to", failed);
                }
                System.err.println(
                        "\n!!! TESTS WITH POSTGRESQL ARE LEFT OUT: " + failed
                                + "\n!!! Name a server with -Dinterlock.test.postgres=jdbc:postgresql://host/database?user=…\n");
                return "";
            }
        }
    }
}
