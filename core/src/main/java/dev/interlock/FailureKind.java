package dev.interlock;

/**
 * Why a call failed, in the words of agents.
 *
 * <p>Each kind has a default {@link Treatment} that {@link CircuitBreakerConfig#failureKinds()} can change, and says
 * which circuit a failure is attributed to when a call is guarded by several of them: the others see it as ignored.
 */
public enum FailureKind {
    /** The call took longer than its caller waits. */
    TIMEOUT(Treatment.COUNT, AttributedTo.UPSTREAM),
    /** No connection, or one that broke. */
    CONNECTION(Treatment.COUNT, AttributedTo.UPSTREAM),
    /** HTTP 5xx, except for the overloaded ones. */
    SERVER_ERROR(Treatment.COUNT, AttributedTo.UPSTREAM),
    /** HTTP 503 or 529: the provider has no capacity. */
    OVERLOADED(Treatment.COUNT, AttributedTo.UPSTREAM),
    /** An answer without content. */
    EMPTY_RESPONSE(Treatment.COUNT, AttributedTo.UPSTREAM),
    /** Not recognised. It counts at the agent: a bug in one agent must not open a model for the fleet. */
    ERROR(Treatment.COUNT, AttributedTo.AGENT),
    /** An answer that its reader cannot use. */
    MALFORMED_OUTPUT(Treatment.COUNT, AttributedTo.AGENT),
    /** HTTP 429. With a Retry-After it trips, and that time is the cooldown; without one it counts. */
    RATE_LIMITED(Treatment.COUNT, AttributedTo.KEY_OR_UPSTREAM),
    /** HTTP 402, or a quota that ran out. */
    QUOTA_EXHAUSTED(Treatment.TRIP, AttributedTo.KEY_OR_UPSTREAM),
    /** HTTP 401: a wrong key, or none. */
    AUTHENTICATION(Treatment.TRIP, AttributedTo.KEY_OR_AGENT),
    /** HTTP 403: this call may not be made, but the key may be good for other calls. */
    FORBIDDEN(Treatment.COUNT, AttributedTo.KEY_OR_AGENT),
    /** The model that was asked for does not exist. */
    MODEL_NOT_FOUND(Treatment.TRIP, AttributedTo.MODEL),
    /** The agent repeats itself: at least 3 identical calls among its last 8. */
    LOOP(Treatment.TRIP, AttributedTo.AGENT),
    /** Tokens or cost over the agent's limit. */
    BUDGET(Treatment.TRIP, AttributedTo.AGENT),
    /** A tool failed. */
    TOOL_ERROR(Treatment.COUNT, AttributedTo.TOOL),
    /** The prompt is longer than the model reads. */
    CONTEXT_LENGTH(Treatment.ANSWERED, AttributedTo.MODEL_AND_KEY),
    /** The caller's own mistake: HTTP 400, 404, 405, 413, 415, 422 and the like. */
    INVALID_REQUEST(Treatment.ANSWERED, AttributedTo.MODEL_AND_KEY),
    /** Refused by a content filter. */
    CONTENT_FILTERED(Treatment.ANSWERED, AttributedTo.MODEL_AND_KEY),
    /** Given up by the caller. It still counts as slow if it had lasted {@code slowCallDuration}. */
    CANCELLED(Treatment.IGNORE, AttributedTo.NOBODY),
    /** Refused by another circuit further down. */
    DOWNSTREAM_OPEN(Treatment.IGNORE, AttributedTo.NOBODY);

    /** Whom a failure is attributed to when agent and upstreams are guarded together. */
    enum AttributedTo {
        AGENT,
        UPSTREAM,
        KEY_OR_UPSTREAM,
        KEY_OR_AGENT,
        MODEL,
        /** The model, else the only upstream; it counts at the keys of the call as well. */
        MODEL_AND_KEY,
        TOOL,
        NOBODY
    }

    private final Treatment treatment;
    private final AttributedTo attributedTo;

    FailureKind(Treatment treatment, AttributedTo attributedTo) {
        this.treatment = treatment;
        this.attributedTo = attributedTo;
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

    AttributedTo attributedTo() {
        return attributedTo;
    }
}
