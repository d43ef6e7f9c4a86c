package dev.interlock.jdbc;

import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it is stored: what it may do, and the hash of its secret. {@link #toString} shows no hash.
 *
 * @param id the public part, unique in an installation
 * @param organization whose key it is
 * @param name what people call it
 * @param role what it may do
 * @param agents the pattern of the agents that it may speak for, or null for all
 * @param speaksFor the pattern of the callers that it may name in its calls, or null for none
 * @param hash the hash of its secret; not to be changed
 * @param installation whether it may make keys of other organizations
 * @param createdAt when it was made
 * @param createdBy who made it, or null for the server itself
 * @param expiresAt from when on it does not count, or null for never
 * @param lastUsedAt when it was last seen in use, to within a minute or two; null if it never was
 */
@SuppressWarnings("ArrayRecordComponent") // equality is written out below
public record ApiKey(
        String id,
        String organization,
        String name,
        String role,
        @Nullable String agents,
        @Nullable String speaksFor,
        byte[] hash,
        boolean installation,
        Instant createdAt,
        @Nullable String createdBy,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {

    /**
     * A key that never expires.
     *
     * @param id the public part
     * @param organization whose key it is
     * @param name what people call it
     * @param role what it may do
     * @param agents the pattern of the agents that it may speak for, or null for all
     * @param speaksFor the pattern of the callers that it may name in its calls, or null for none
     * @param hash the hash of its secret
     * @param installation whether it may make keys of other organizations
     * @param createdAt when it was made
     * @param createdBy who made it, or null for the server itself
     */
    public ApiKey(
            String id,
            String organization,
            String name,
            String role,
            @Nullable String agents,
            @Nullable String speaksFor,
            byte[] hash,
            boolean installation,
            Instant createdAt,
            @Nullable String createdBy) {
        this(id, organization, name, role, agents, speaksFor, hash, installation, createdAt, createdBy, null, null);
    }

    /**
     * A key that names no other callers.
     *
     * @param id the public part
     * @param organization whose key it is
     * @param name what people call it
     * @param role what it may do
     * @param agents the pattern of the agents that it may speak for, or null for all
     * @param hash the hash of its secret
     * @param installation whether it may make keys of other organizations
     * @param createdAt when it was made
     * @param createdBy who made it, or null for the server itself
     */
    public ApiKey(
            String id,
            String organization,
            String name,
            String role,
            @Nullable String agents,
            byte[] hash,
            boolean installation,
            Instant createdAt,
            @Nullable String createdBy) {
        this(id, organization, name, role, agents, null, hash, installation, createdAt, createdBy);
    }

    /**
     * Whether it does not count any more.
     *
     * @param now the wall clock's time
     * @return true from its end on
     */
    public boolean isExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    /**
     * The same key, seen in use.
     *
     * @param at when
     * @return a copy
     */
    public ApiKey usedAt(@Nullable Instant at) {
        return new ApiKey(
                id,
                organization,
                name,
                role,
                agents,
                speaksFor,
                hash,
                installation,
                createdAt,
                createdBy,
                expiresAt,
                at);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ApiKey that
                && id.equals(that.id)
                && organization.equals(that.organization)
                && name.equals(that.name)
                && role.equals(that.role)
                && Objects.equals(agents, that.agents)
                && Objects.equals(speaksFor, that.speaksFor)
                && Arrays.equals(hash, that.hash)
                && installation == that.installation
                && createdAt.equals(that.createdAt)
                && Objects.equals(createdBy, that.createdBy)
                && Objects.equals(expiresAt, that.expiresAt)
                && Objects.equals(lastUsedAt, that.lastUsedAt);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "ApiKey[" + id + " " + organization + " " + role + "]";
    }
}
