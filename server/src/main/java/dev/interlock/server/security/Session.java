package dev.interlock.server.security;

import java.time.Instant;

/**
 * Somebody who has signed in by an issuer. Immutable; holds no credential.
 *
 * @param id names this session and those that a refresh makes of it
 * @param signIn the id of the {@link SignIn} that it came by
 * @param subject whom the issuer means
 * @param organization whose circuits it sees
 * @param role what it may do there
 * @param actor who it is, for the audit trail
 * @param began when it was signed in
 * @param ends when the issuer has to be asked again
 */
public record Session(
        String id,
        String signIn,
        String subject,
        String organization,
        Role role,
        String actor,
        Instant began,
        Instant ends) {

    Caller caller() {
        return new Caller(organization, role, actor, null, null, false, null, ends, id);
    }
}
