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
        @Nullable String createdBy) {

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
                && Objects.equals(createdBy, that.createdBy);
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
