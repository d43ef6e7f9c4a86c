package dev.interlock.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The table of API keys. Every method throws {@code StoreUnavailableException} if the database cannot be reached. */
public final class ApiKeys {
    /** Who creates a key that nobody asked for: the first one. */
    private static final String SERVER = "the server";

    private final Connections database;

    ApiKeys(Connections database) {
        this.database = database;
    }

    /**
     * Adds a key, and a line to the trail of {@link AdministrationChanges}.
     *
     * @param key a key with an id of its own
     * @param shown what the trail keeps of it, as JSON without secrets
     * @throws IllegalArgumentException if there is one of that id
     */
    public void add(ApiKey key, String shown) {
        String creator = key.createdBy() == null ? SERVER : key.createdBy();
        database.write(handle -> {
            insert(handle, key);
            Author by = new Author(creator, key.createdAt());
            append(handle, key.organization(), by, AdministrationChanges.CREATED, key.id(), null, shown);
            return true;
        });
    }

    private void insert(Handle handle, ApiKey key) {
        handle.createUpdate("""
                        INSERT INTO api_key (id, organization_id, name, role, agents, speaks_for, hash, installation,
                            created_at, created_by, expires_at)
                        VALUES (:id, :organization, :name, :role, :agents, :speaks, :hash, :installation, :created, :creator,
                            :expires)
                        """)
                .bind("id", key.id())
                .bind("organization", key.organization())
                .bind("name", key.name())
                .bind("role", key.role())
                .bind("agents", key.agents())
                .bind("speaks", key.speaksFor())
                .bind("hash", key.hash())
                .bind("installation", key.installation())
                .bind("created", database.dialect().time(key.createdAt()))
                .bind("creator", key.createdBy())
                .bindByType(
                        "expires",
                        database.dialect().time(key.expiresAt()),
                        database.dialect().timeType())
                .execute();
    }

    /**
     * Removes a key of an organization, and adds a line to the trail of {@link AdministrationChanges}.
     *
     * @param organization whose key
     * @param id the key's id
     * @param shown what the trail keeps of it, as JSON without secrets
     * @param by who removes it
     * @return false if the organization has no such key
     */
    public boolean remove(String organization, String id, String shown, Author by) {
        return database.write(handle -> {
            int removed = handle.createUpdate("DELETE FROM api_key WHERE organization_id = :organization AND id = :id")
                    .bind("organization", organization)
                    .bind("id", id)
                    .execute();
            if (removed == 1) {
                append(handle, organization, by, AdministrationChanges.REMOVED, id, shown, null);
            }
            return removed == 1;
        });
    }

    private void append(
            Handle handle,
            String organization,
            Author by,
            String action,
            String id,
            @Nullable String before,
            @Nullable String after) {
        AdministrationChanges.append(
                handle, database.dialect(), organization, by, action, AdministrationChanges.KEY, id, before, after);
    }

    /**
     * Notes when keys were used; what another server has seen later stays.
     *
     * @param lastUses by id
     */
    public void used(Map<String, Instant> lastUses) {
        if (lastUses.isEmpty()) {
            return;
        }
        Dialect dialect = database.dialect();
        database.write(handle -> {
            PreparedBatch batch = handle.prepareBatch("""
                    UPDATE api_key SET last_used_at = :at WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :at)
                    """);
            new TreeMap<>(lastUses) // always in the same order, so that two servers never wait for each other
                    .forEach((id, at) -> batch.bind("id", id)
                            .bindByType("at", dialect.time(at), dialect.timeType())
                            .add());
            return batch.execute();
        });
    }

    /**
     * All keys of all organizations.
     *
     * @return the oldest first
     */
    public List<ApiKey> all() {
        return database.read(handle -> handle.createQuery("SELECT * FROM api_key ORDER BY created_at, id")
                .map((row, context) -> key(row))
                .list());
    }

    /**
     * The keys of one organization.
     *
     * @param organization the organization
     * @return the oldest first
     */
    public List<ApiKey> of(String organization) {
        List<ApiKey> keys = database.read(handle -> handle.createQuery(
                        "SELECT * FROM api_key WHERE organization_id = :organization ORDER BY created_at, id")
                .bind("organization", organization)
                .map((row, context) -> key(row))
                .list());
        return Owned.only(organization, keys, ApiKey::organization, "api_key");
    }

    private ApiKey key(ResultSet row) throws SQLException {
        return new ApiKey(
                row.getString("id"),
                row.getString("organization_id"),
                row.getString("name"),
                row.getString("role"),
                row.getString("agents"),
                row.getString("speaks_for"),
                row.getBytes("hash"),
                row.getBoolean("installation"),
                Objects.requireNonNull(database.dialect().time(row, "created_at")),
                row.getString("created_by"),
                database.dialect().time(row, "expires_at"),
                database.dialect().time(row, "last_used_at"));
    }
}
