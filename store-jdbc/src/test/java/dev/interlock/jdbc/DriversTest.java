package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program brings the driver of its own database and no other; what is missing is named. */
class DriversTest {
    @Test
    void sqlite_needs_nothing_of_postgresql(@TempDir Path folder) throws Exception {
        try (URLClassLoader program = programWithout("postgresql")) {
            AutoCloseable database = open(program, "jdbc:sqlite:" + folder.resolve("interlock.db"));
            database.close();
        }
        assertThat(folder.resolve("interlock.db")).exists();
    }

    @Test
    void the_driver_of_sqlite_is_named_where_it_is_missing(@TempDir Path folder) throws Exception {
        try (URLClassLoader program = programWithout("sqlite-jdbc")) {
            assertThatThrownBy(() -> open(program, "jdbc:sqlite:" + folder.resolve("interlock.db")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("org.xerial:sqlite-jdbc is not on the class path")
                    .hasMessageEndingWith("add org.xerial:sqlite-jdbc to the dependencies of your program");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void what_postgresql_needs_is_named_where_it_is_missing() throws Exception {
        try (URLClassLoader program = programWithout("postgresql")) {
            assertThatThrownBy(() -> open(program, "jdbc:postgresql://db/interlock?password=hidden"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("jdbc:postgresql://db/interlock cannot be opened")
                    .hasMessageContaining("org.postgresql:postgresql and org.flywaydb:flyway-database-postgresql")
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void the_migrations_of_postgresql_are_named_where_only_they_are_missing() throws Exception {
        try (URLClassLoader program = programWithout("flyway-database-postgresql")) {
            assertThatThrownBy(() -> open(program, "jdbc:postgresql://db/interlock"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("org.flywaydb:flyway-database-postgresql is not on the class path");
        }
    }

    private static AutoCloseable open(ClassLoader program, String url) throws Exception {
        Class<?> settings = program.loadClass(DatabaseSettings.class.getName());
        Object where = settings.getConstructor(String.class, String.class, String.class)
                .newInstance(url, null, null);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(program);
        try {
            return (AutoCloseable) program.loadClass(Database.class.getName())
                    .getMethod("open", settings)
                    .invoke(null, where);
        } catch (InvocationTargetException thrown) {
            throw (Exception) thrown.getCause();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** This class path without the jars whose names have a text. */
    private static URLClassLoader programWithout(String text) throws IOException {
        List<URL> kept = new ArrayList<>();
        int left = 0;
        for (String each : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (Path.of(each).getFileName().toString().contains(text)) {
                left++;
            } else {
                kept.add(new File(each).toURI().toURL());
            }
        }
        assertThat(left).as("jars with '" + text + "'").isPositive();
        return new URLClassLoader(kept.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
