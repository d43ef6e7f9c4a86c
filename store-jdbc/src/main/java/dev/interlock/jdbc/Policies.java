package dev.interlock.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

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
                .map((row, context) -> policy(row))
                .list());
    }

    /**
     * Puts settings in place of those that were there, and adds a line to the trail of {@link AdministrationChanges}.
     *
     * @param organization whose circuits
     * @param pattern which of them
     * @param settings the settings, as JSON
     * @param by who does it
     * @param shown makes of settings what the trail keeps of them: JSON without secrets
     * @return the version, from 1
     */
    public long put(String organization, String pattern, String settings, Author by, UnaryOperator<String> shown) {
        return database.write(handle -> {
            Optional<StoredPolicy> before = Optional.empty();
            while (before.isEmpty()) { // another server may remove it between the two
                if (insert(handle, organization, pattern, settings)) {
                    append(
                            handle,
                            organization,
                            by,
                            AdministrationChanges.CREATED,
                            pattern,
                            null,
                            shown.apply(settings));
                    return 1L;
                }
                before = raise(handle, organization, pattern);
            }
            StoredPolicy old = before.orElseThrow();
            handle.createUpdate("""
                            UPDATE policy SET settings = :settings WHERE organization_id = :organization AND pattern = :pattern
                            """)
                    .bind("organization", organization)
                    .bind("pattern", pattern)
                    .bind("settings", settings)
                    .execute();
            append(
                    handle,
                    organization,
                    by,
                    AdministrationChanges.CHANGED,
                    pattern,
                    shown.apply(old.settings()),
                    shown.apply(settings));
            return old.version();
        });
    }

    private static boolean insert(Handle handle, String organization, String pattern, String settings) {
        return handle.createUpdate("""
                                INSERT INTO policy (organization_id, pattern, settings, version)
                                VALUES (:organization, :pattern, :settings, 1)
                                ON CONFLICT (organization_id, pattern) DO NOTHING
                                """)
                        .bind("organization", organization)
                        .bind("pattern", pattern)
                        .bind("settings", settings)
                        .execute()
                == 1;
    }

    /** Raises the version, so that no other server changes the row until the end of the transaction. */
    private static Optional<StoredPolicy> raise(Handle handle, String organization, String pattern) {
        return handle.createQuery("""
                        UPDATE policy SET version = version + 1 WHERE organization_id = :organization AND pattern = :pattern
                        RETURNING *
                        """)
                .bind("organization", organization)
                .bind("pattern", pattern)
                .map((row, context) -> policy(row))
                .findOne();
    }

    /**
     * Removes the settings of a pattern, and adds a line to the trail of {@link AdministrationChanges}.
     *
     * @param organization whose circuits
     * @param pattern which of them
     * @param by who does it
     * @param shown makes of settings what the trail keeps of them: JSON without secrets
     * @return false if there were none
     */
    public boolean remove(String organization, String pattern, Author by, UnaryOperator<String> shown) {
        return database.write(handle -> {
            Optional<StoredPolicy> gone = handle.createQuery(
                            "DELETE FROM policy WHERE organization_id = :organization AND pattern = :pattern RETURNING *")
                    .bind("organization", organization)
                    .bind("pattern", pattern)
                    .map((row, context) -> policy(row))
                    .findOne();
            gone.ifPresent(old -> append(
                    handle,
                    organization,
                    by,
                    AdministrationChanges.REMOVED,
                    pattern,
                    shown.apply(old.settings()),
                    null));
            return gone.isPresent();
        });
    }

    private void append(
            Handle handle,
            String organization,
            Author by,
            String action,
            String pattern,
            @Nullable String before,
            @Nullable String after) {
        AdministrationChanges.append(
                handle,
                database.dialect(),
                organization,
                by,
                action,
                AdministrationChanges.POLICY,
                pattern,
                before,
                after);
    }

    private static StoredPolicy policy(ResultSet row) throws SQLException {
        return new StoredPolicy(
                row.getString("organization_id"),
                row.getString("pattern"),
                row.getString("settings"),
                row.getLong("version"));
    }
}
