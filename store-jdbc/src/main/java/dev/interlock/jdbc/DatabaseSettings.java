package dev.interlock.jdbc;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is, and who signs in. Immutable; {@link #toString} shows no credential.
 *
 * @param url {@code jdbc:postgresql://host/database} or {@code jdbc:sqlite:file}
 * @param user who signs in to PostgreSQL, or null if the URL says so or nobody has to
 * @param password the password, or null
 */
public record DatabaseSettings(
        String url, @Nullable String user, @Nullable String password) {
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRESQL = "jdbc:postgresql:";

    /**
     * Checks the URL.
     *
     * @throws IllegalArgumentException if it leads to neither of the two databases; the message holds no credential
     */
    public DatabaseSettings {
        if (!url.startsWith(SQLITE) && !url.startsWith(POSTGRESQL)) {
            throw new IllegalArgumentException("A database URL must begin with " + POSTGRESQL + "// or " + SQLITE
                    + ", but this one begins with '" + url.replaceFirst("^([a-z:]{0,20}).*", "$1") + "'");
        }
        if (url.equals(SQLITE) || url.startsWith(SQLITE + ":memory:") || url.startsWith(SQLITE + "?")) {
            throw new IllegalArgumentException(
                    "A database URL of SQLite must name a file, as in " + SQLITE + "/var/lib/interlock/interlock.db");
        }
        if (url.startsWith(POSTGRESQL + "//") && url.replaceFirst("[?].*", "").contains("@")) {
            throw new IllegalArgumentException("A database URL of PostgreSQL cannot name user and password before the"
                    + " host, as in //user:password@host; give them by their own settings");
        }
    }

    /**
     * An SQLite database in a file, which is made if there is none.
     *
     * @param file the file; its folder must exist
     * @return the settings
     */
    public static DatabaseSettings sqlite(Path file) {
        return new DatabaseSettings(SQLITE + file, null, null);
    }

    boolean isSqlite() {
        return url.startsWith(SQLITE);
    }

    /** The file of an SQLite database. */
    Path file() {
        String file = url.substring(SQLITE.length());
        int parameters = file.indexOf('?');
        return Path.of(parameters < 0 ? file : file.substring(0, parameters));
    }

    /** The URL without what may hold a credential. */
    String safeUrl() {
        return url.replaceFirst("[?].*", "").replaceFirst("//[^/@]*@", "//");
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + safeUrl() + "]";
    }
}
