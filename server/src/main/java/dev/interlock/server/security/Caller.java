package dev.interlock.server.security;

import dev.interlock.CircuitId;
import dev.interlock.NamePattern;
import dev.interlock.server.text.Texts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a call: the answer of the {@link Authenticator}. Immutable; holds no secret, so it may be logged.
 *
 * @param organization whose circuits it sees; no other organization exists for it
 * @param role what it may do there
 * @param actor who it is, for the audit trail: a key's name and id, or a token's subject and issuer
 * @param agents the pattern of the agents that a caller of role agent may act for, as policies write patterns; null for
 *     all
 * @param speaksFor the pattern of the callers that it may name in its calls, as a gateway or a collector does; null for
 *     none: then the caller is the key itself
 * @param installationAdmin whether it may make, list and remove the keys of other organizations too
 * @param keyId the API key that it came with, or null if it came otherwise
 * @param expiresAt when its token or session ends, or null if it does not
 * @param session the id of the session that it came with, or null if it came otherwise
 */
public record Caller(
        String organization,
        Role role,
        String actor,
        @Nullable String agents,
        @Nullable String speaksFor,
        boolean installationAdmin,
        @Nullable String keyId,
        @Nullable Instant expiresAt,
        @Nullable String session) {

    /**
     * Checks the organization and the pattern.
     *
     * @throws IllegalArgumentException if either could be no circuit's
     */
    public Caller {
        new CircuitId(organization, "any");
        if (agents != null) {
            new NamePattern(agents);
        }
        if (speaksFor != null) {
            new NamePattern(speaksFor);
        }
    }

    /**
     * A caller that came with a key or a token.
     *
     * @param organization whose circuits it sees
     * @param role what it may do there
     * @param actor who it is
     * @param agents the pattern of its agents, or null for all
     * @param speaksFor the pattern of the callers that it may name, or null for none
     * @param installationAdmin whether it may handle the keys of other organizations too
     * @param keyId the API key that it came with, or null if it came otherwise
     * @param expiresAt when its token ends, or null if it does not
     */
    public Caller(
            String organization,
            Role role,
            String actor,
            @Nullable String agents,
            @Nullable String speaksFor,
            boolean installationAdmin,
            @Nullable String keyId,
            @Nullable Instant expiresAt) {
        this(organization, role, actor, agents, speaksFor, installationAdmin, keyId, expiresAt, null);
    }

    /**
     * A caller that names no other.
     *
     * @param organization whose circuits it sees
     * @param role what it may do there
     * @param actor who it is
     * @param agents the pattern of its agents, or null for all
     * @param installationAdmin whether it may handle the keys of other organizations too
     * @param keyId the API key that it came with, or null if it came otherwise
     * @param expiresAt when its token ends, or null if it does not
     */
    public Caller(
            String organization,
            Role role,
            String actor,
            @Nullable String agents,
            boolean installationAdmin,
            @Nullable String keyId,
            @Nullable Instant expiresAt) {
        this(organization, role, actor, agents, null, installationAdmin, keyId, expiresAt, null);
    }

    /**
     * A caller whose credential has neither id nor end, as tests need one.
     *
     * @param organization whose circuits it sees
     * @param role what it may do there
     * @param actor who it is
     * @param agents the pattern of its agents, or null for all
     * @param installationAdmin whether it may handle the keys of other organizations too
     */
    public Caller(String organization, Role role, String actor, @Nullable String agents, boolean installationAdmin) {
        this(organization, role, actor, agents, null, installationAdmin, null, null, null);
    }

    /** Under which name its calls are counted: callers of different organizations never share it. */
    String bucket() {
        return organization + '\n' + actor;
    }

    /**
     * Whether the caller may act for an agent: take its permits, report its outcomes, send its log. A caller of another
     * role than agent is limited by its role alone.
     *
     * @param agentName the agent's name
     * @return false if the caller is limited to a pattern that does not cover the name
     */
    public boolean mayTouch(String agentName) {
        return role != Role.AGENT || agents == null || new NamePattern(agents).matches(agentName);
    }

    /**
     * Whether no pattern of agents limits the caller.
     *
     * @return true if {@link #mayTouch} is true of every name
     */
    public boolean mayTouchAll() {
        return role != Role.AGENT || agents == null;
    }

    /**
     * Who makes a call as circuits distinguish callers, where it names nobody: the agent if it may speak for that, else
     * itself.
     *
     * @param agentName whose call
     * @return the agent's name, the key's id, or the actor of a token
     */
    public String sourceFor(String agentName) {
        return maySpeakFor(agentName) ? agentName : source();
    }

    /**
     * Who it is as circuits distinguish callers.
     *
     * @return the key's id, or the actor of a token
     */
    public String source() {
        return keyId != null ? keyId : actor;
    }

    /**
     * Whether it may name somebody else as who makes a call.
     *
     * @param caller the other's name
     * @return false if its credential bears no pattern of callers, or one that does not cover the name
     */
    public boolean maySpeakFor(String caller) {
        return speaksFor != null && new NamePattern(speaksFor).matches(caller);
    }

    /**
     * Refuses a name that it may not use as who makes a call: else an agent could speak for its neighbours.
     *
     * @param caller the other's name, or null if it names nobody
     * @return what is wrong and what would be right; null if nothing is
     */
    public @Nullable String problemOfSpeakingFor(@Nullable String caller) {
        if (caller == null || maySpeakFor(caller)) {
            return null;
        }
        return "caller = '" + Texts.shown(caller) + "': this key may not speak for it; "
                + (speaksFor == null
                        ? "an admin makes keys that name callers with speaks_for, a name pattern"
                        : "it speaks for '" + Texts.shown(speaksFor) + "'");
    }

    /**
     * Whether a permit of this caller may depend on a circuit. Agents share models, tools and keys, so the names with
     * such a prefix are allowed to all agents of the organization; another agent's circuit is not.
     *
     * @param name a name of the permit's {@code depends_on}
     * @return false if the name is that of an agent which the caller may not touch
     */
    public boolean mayDependOn(String name) {
        return mayTouch(name)
                || name.startsWith("model:")
                || name.startsWith("tool:")
                || name.startsWith("key:")
                || name.startsWith("mcp:");
    }
}
