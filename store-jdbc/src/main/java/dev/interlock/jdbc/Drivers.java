package dev.interlock.jdbc;

import java.util.LinkedHashMap;
import java.util.Map;

/** What each database needs on the class path in addition to this module, which brings no driver. */
final class Drivers {
    private static final Map<String, String> SQLITE = Map.of("org.sqlite.SQLiteDataSource", "org.xerial:sqlite-jdbc");
    private static final Map<String, String> POSTGRESQL = new LinkedHashMap<>();

    static {
        POSTGRESQL.put("org.postgresql.Driver", "org.postgresql:postgresql");
        POSTGRESQL.put(
                "org.flywaydb.database.postgresql.PostgreSQLDatabaseType", "org.flywaydb:flyway-database-postgresql");
    }

    private Drivers() {}

    /**
     * Looks for what a database needs.
     *
     * @throws IllegalStateException if something is missing
     */
    static void require(DatabaseSettings settings) {
        Map<String, String> needed = settings.isSqlite() ? SQLITE : POSTGRESQL;
        for (Map.Entry<String, String> each : needed.entrySet()) {
            if (!isThere(each.getKey())) {
                throw new IllegalStateException("The database " + settings.safeUrl() + " cannot be opened: "
                        + each.getValue() + " is not on the class path. interlock-store-jdbc brings no driver; add "
                        + String.join(" and ", needed.values()) + " to the dependencies of your program");
            }
        }
    }

    private static boolean isThere(String name) {
        try {
            Class.forName(name, false, Drivers.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException missing) {
            return false;
        }
    }
}
