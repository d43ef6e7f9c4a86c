package dev.interlock.jdbc;

import java.util.List;

/** The table of policies. Every method throws {@code StoreUnavailableException} if the database cannot be reached. */
public final class Policies {
    private final Connections database;

    Policies(Connections database) {
        this.database = database;
    }

    /**
     * All policies of all organizations.
     *
     * @return by organization and pattern
     */
    public List<StoredPolicy> all() {
        return database.read(handle -> handle.createQuery("SELECT * FROM policy ORDER BY organization_id, pattern")
                .map((row, context) -> new StoredPolicy(
                        row.getString("organization_id"),
                        row.getString("pattern"),
                        row.getString("settings"),
                        row.getLong("version")))
                .list());
    }

    /**
     * Puts settings in place of those that were there.
     *
     * @param organization whose circuits
     * @param pattern which of them
     * @param settings the settings, as JSON
     * @return the version, from 1
     */
    public long put(String organization, String pattern, String settings) {
        return database.write(handle -> handle.createQuery("""
                        INSERT INTO policy (organization_id, pattern, settings, version)
                        VALUES (:organization, :pattern, :settings, 1)
                        ON CONFLICT (organization_id, pattern)
                        DO UPDATE SET settings = excluded.settings, version = policy.version + 1
                        RETURNING version
                        """)
                .bind("organization", organization)
                .bind("pattern", pattern)
                .bind("settings", settings)
                .mapTo(Long.class)
                .one());
    }

    /**
     * Removes the settings of a pattern.
     *
     * @param organization whose circuits
     * @param pattern which of them
     * @return false if there were none
     */
    public boolean remove(String organization, String pattern) {
        return database.write(handle -> handle.createUpdate(
                                "DELETE FROM policy WHERE organization_id = :organization AND pattern = :pattern")
                        .bind("organization", organization)
                        .bind("pattern", pattern)
                        .execute())
                == 1;
    }
}
