package dev.interlock.facts;

import java.util.List;

/**
 * What a provider says is wrong, by the code or type in its error or by its usual words. In order: of several marks in
 * one text the first one here decides.
 */
public enum ErrorMark {
    /** A circuit of ours refused further down. */
    CIRCUIT_OPEN(List.of("circuit_open"), List.of()),
    /** Money or quota is used up. */
    QUOTA(
            List.of(
                    "insufficient_quota",
                    "billing_hard_limit_reached",
                    "billing_error",
                    "billing_not_active",
                    "ServiceQuotaExceededException"),
            List.of("credit balance is too low", "weekly limit", "monthly limit")),
    /** The prompt is longer than the model reads. */
    CONTEXT_LENGTH(
            List.of("context_length_exceeded"),
            List.of(
                    "maximum context length",
                    "prompt is too long",
                    "input is too long",
                    "exceeds the maximum number of tokens")),
    /** Refused by a content filter. */
    CONTENT_FILTERED(List.of("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"), List.of()),
    /** The model that was asked for does not exist. */
    MODEL_NOT_FOUND(
            List.of("model_not_found", "DeploymentNotFound", "ResourceNotFoundException"),
            List.of(
                    "not_found_error\",\"message\":\"model:",
                    "not_found_error\", \"message\": \"model:",
                    "not_found_error, message=model:")),
    /** Too many requests or tokens for now. */
    RATE_LIMITED(
            List.of(
                    "rate_limit_exceeded",
                    "rate_limit_error",
                    "RESOURCE_EXHAUSTED",
                    "ThrottlingException",
                    "TooManyRequestsException"),
            List.of()),
    /** The provider has no capacity. */
    OVERLOADED(
            List.of(
                    "overloaded_error",
                    "engine_overloaded",
                    "UNAVAILABLE",
                    "ServiceUnavailableException",
                    "ModelNotReadyException",
                    "slow_down"),
            List.of("model is currently overloaded")),
    /** A wrong key, or none. */
    AUTHENTICATION(List.of("authentication_error", "invalid_api_key", "UNAUTHENTICATED"), List.of()),
    /** The key is good and may not do this. */
    FORBIDDEN(List.of("permission_error", "PERMISSION_DENIED", "AccessDeniedException"), List.of()),
    /** A tool failed. */
    TOOL_ERROR(List.of("tool_error"), List.of()),
    /** The provider gave up by itself. */
    TIMEOUT(List.of("DEADLINE_EXCEEDED", "timeout_error"), List.of()),
    /** The model failed, whatever the status says. */
    MODEL_ERROR(List.of("ModelErrorException", "ModelStreamErrorException"), List.of()),
    /** The caller's own mistake. */
    INVALID_REQUEST(List.of("invalid_request_error", "INVALID_ARGUMENT"), List.of()),
    /** The provider's own mistake. */
    SERVER_ERROR(List.of("server_error", "api_error", "internal_server_error", "INTERNAL"), List.of()),
    /** The call was given up. */
    CANCELLED(List.of("CANCELLED"), List.of()),
    /** Words that mean a used-up quota, unless the error names a wait, which makes them a rate limit. */
    QUOTA_UNLESS_WAIT(List.of(), List.of("exceeded your current quota"));

    /** Machine-readable: the whole of an error's code, type or status, or a whole string in a body. */
    @SuppressWarnings("ImmutableEnumChecker") // List.of: nobody can change it
    final List<String> codes;

    /** In lower case; found anywhere in a text. */
    @SuppressWarnings("ImmutableEnumChecker") // List.of: nobody can change it
    final List<String> phrases;

    ErrorMark(List<String> codes, List<String> phrases) {
        this.codes = codes;
        this.phrases = phrases;
    }
}
