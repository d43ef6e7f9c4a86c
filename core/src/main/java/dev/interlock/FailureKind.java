package dev.interlock;

/**
 * Why a call failed, in the words of agents.
 *
 * <p>Each kind has a default {@link Treatment} that {@link CircuitBreakerConfig#failureKinds()} can change, and says
 * which circuit a failure concerns when a call is guarded by several of them: the others see it as ignored.
 */
public enum FailureKind {
    /** The call took longer than its caller waits. */
    TIMEOUT(Treatment.COUNT, Concern.UPSTREAM),
    /** No connection, or one that broke. */
    CONNECTION(Treatment.COUNT, Concern.UPSTREAM),
    /** HTTP 5xx, but for the overloaded ones. */
    SERVER_ERROR(Treatment.COUNT, Concern.UPSTREAM),
    /** HTTP 503 or 529: the provider has no capacity. */
    OVERLOADED(Treatment.COUNT, Concern.UPSTREAM),
    /** An answer without content. */
    EMPTY_RESPONSE(Treatment.COUNT, Concern.UPSTREAM),
    /** Not recognised. It stays with the agent: a bug in one agent must not open a model for the fleet. */
    ERROR(Treatment.COUNT, Concern.AGENT),
    /** An answer that its reader cannot use. */
    MALFORMED_OUTPUT(Treatment.COUNT, Concern.AGENT),
    /** HTTP 429. With a Retry-After it trips, and that time is the cooldown; without one it counts. */
    RATE_LIMITED(Treatment.COUNT, Concern.KEY_OR_UPSTREAM),
    /** HTTP 402, or a quota that ran out. */
    QUOTA_EXHAUSTED(Treatment.TRIP, Concern.KEY_OR_UPSTREAM),
    /** HTTP 401: a wrong key, or none. */
    AUTHENTICATION(Treatment.TRIP, Concern.KEY_OR_AGENT),
    /** HTTP 403: this call may not be made, while the key may be good for others. */
    FORBIDDEN(Treatment.COUNT, Concern.KEY_OR_AGENT),
    /** The model that was asked for does not exist. */
    MODEL_NOT_FOUND(Treatment.TRIP, Concern.MODEL),
    /** The agent repeats itself: at least 3 identical calls among its last 8. */
    LOOP(Treatment.TRIP, Concern.AGENT),
    /** Tokens or cost over the agent's limit. */
    BUDGET(Treatment.TRIP, Concern.AGENT),
    /** A tool failed. */
    TOOL_ERROR(Treatment.COUNT, Concern.TOOL),
    /** The prompt is longer than the model reads. */
    CONTEXT_LENGTH(Treatment.IGNORE, Concern.NOBODY),
    /** The caller's own mistake: HTTP 400, 404, 405, 413, 415, 422 and the like. */
    INVALID_REQUEST(Treatment.IGNORE, Concern.NOBODY),
    /** Refused by a content filter. */
    CONTENT_FILTERED(Treatment.IGNORE, Concern.NOBODY),
    /** Given up by the caller. One that had lasted {@code slowCallDuration} counts as slow all the same. */
    CANCELLED(Treatment.IGNORE, Concern.NOBODY),
    /** Refused by another circuit further down. */
    DOWNSTREAM_OPEN(Treatment.IGNORE, Concern.NOBODY);

    /** Whom a failure concerns when agent and upstreams are guarded together. */
    enum Concern {
        AGENT,
        UPSTREAM,
        KEY_OR_UPSTREAM,
        KEY_OR_AGENT,
        MODEL,
        TOOL,
        NOBODY
    }

    private final Treatment treatment;
    private final Concern concern;

    FailureKind(Treatment treatment, Concern concern) {
        this.treatment = treatment;
        this.concern = concern;
    }

    /**
     * The treatment of this kind where a configuration says nothing else.
     *
     * @param hasRetryAfter whether the failure said when to come back
     * @return {@link Treatment#TRIP} for {@link #RATE_LIMITED} with a Retry-After, else the kind's own
     */
    public Treatment treatment(boolean hasRetryAfter) {
        return this == RATE_LIMITED && hasRetryAfter ? Treatment.TRIP : treatment;
    }

    Concern concern() {
        return concern;
    }
}
