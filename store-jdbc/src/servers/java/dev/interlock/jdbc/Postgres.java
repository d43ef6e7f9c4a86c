package dev.interlock.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
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
        String url = Server.url();
        String name = "interlock_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException failed) {
            throw new IllegalStateException("No database could be made at " + url, failed);
        }
        return new DatabaseSettings(url.replaceFirst("(//[^/]+/)[^?]*", "$1" + name), null, null);
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

    /** Started when it is first needed. */
    private static final class Server {
        private static final String URL = start();

        static String url() {
            if (URL.isEmpty()) {
                throw new TestAbortedException("There is no PostgreSQL for this platform: see the message above");
            }
            return URL;
        }

        private static String start() {
            String named = System.getProperty("interlock.test.postgres");
            if (named != null) {
                return named;
            }
            try {
                @SuppressWarnings("resource") // lives as long as this JVM, which stops it
                EmbeddedPostgres started = EmbeddedPostgres.builder().start();
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
