package dev.interlock.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table of API keys. Every method throws {@code StoreUnavailableException} if the database cannot be reached. */
public final class ApiKeys {
    private final Connections database;

    ApiKeys(Connections database) {
        this.database = database;
    }

    /**
     * Adds a key.
     *
     * @param key a key with an id of its own
     * @throws IllegalArgumentException if there is one of that id
     */
    public void add(ApiKey key) {
        database.write(handle -> handle.createUpdate("""
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
                .execute());
    }

    /**
     * Removes a key of an organization.
     *
     * @param organization whose key
     * @param id the key's id
     * @return false if the organization has no such key
     */
    public boolean remove(String organization, String id) {
        return database.write(handle -> handle.createUpdate(
                                "DELETE FROM api_key WHERE organization_id = :organization AND id = :id")
                        .bind("organization", organization)
                        .bind("id", id)
                        .execute())
                == 1;
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
