package dev.interlock.monitor;

import dev.interlock.FailureKind;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing that an agent did, as it is sent, stored and counted. Immutable, provided that nobody changes what hangs
 * below its metadata.
 *
 * @param entryId names the entry: of two with the same id the second counts for nothing; null if its sender gave none
 * @param executionId the run of the agent that it belongs to; null if its sender gave none
 * @param agentId the agent, and so its circuit
 * @param actionType what the agent did
 * @param actionName which model, tool, decision …; null if its sender gave none
 * @param inputSummary what went in, or null
 * @param outputSummary what came out, or null
 * @param status how it came out
 * @param errorMessage what went wrong, or null
 * @param errorKind what went wrong, in Interlock's words, or null
 * @param retryAfterMs when the failing side asked to be called again, in milliseconds from the failure on, not negative; null
 *     where it did not say
 * @param latencyMs how long it took, in milliseconds, not negative; null where nobody measured
 * @param tokenCount tokens in and out together, not negative, or null
 * @param costUsd what it cost in US dollars, not negative, or null
 * @param metadata whatever else: strings, numbers, booleans, nulls, lists and maps of them; empty for nothing
 * @param dependsOn the circuits that its call depends on, to which its outcome may be attributed; without double names
 * @param caller who made its call, where that is somebody else than its agent, or over HTTP than the sender's key; or null
 * @param timestamp when it began, by the sender's clock
 * @param guarded whether a guard has counted it already, so that it feeds no circuit a second time
 * @param permit what guarded it: a {@linkplain dev.interlock.Guard#process() process}, or the permit that a server gave. Who
 *     did not hear that settlement takes the entry into its figures. Null if its sender does not say; it is not stored
 */
public record LogEntry(
        @Nullable String entryId,
        @Nullable String executionId,
        String agentId,
        ActionType actionType,
        @Nullable String actionName,
        @Nullable String inputSummary,
        @Nullable String outputSummary,
        EntryStatus status,
        @Nullable String errorMessage,
        @Nullable FailureKind errorKind,
        @Nullable Long retryAfterMs,
        @Nullable Long latencyMs,
        @Nullable Long tokenCount,
        @Nullable Double costUsd,
        Map<String, @Nullable Object> metadata,
        List<String> dependsOn,
        @Nullable String caller,
        Instant timestamp,
        boolean guarded,
        @Nullable String permit) {
    /** The most circuits that a call may depend on. */
    public static final int MOST_DEPENDENCIES = 16;

    /**
     * Checks what every entry must have, and copies the metadata's first level.
     *
     * @throws IllegalArgumentException if the agent's id is blank, a number is negative or not finite, or the call depends on
     *     more than {@value #MOST_DEPENDENCIES} circuits
     */
    public LogEntry {
        Objects.requireNonNull(actionType, "An entry's action type must not be null");
        Objects.requireNonNull(status, "An entry's status must not be null");
        Objects.requireNonNull(timestamp, "An entry's timestamp must not be null");
        if (agentId.isBlank()) {
            throw new IllegalArgumentException("An entry's agent id must not be empty or blank");
        }
        notNegative("Retry-After", retryAfterMs);
        notNegative("latency", latencyMs);
        notNegative("token count", tokenCount);
        if (costUsd != null && (costUsd < 0 || !Double.isFinite(costUsd))) {
            throw new IllegalArgumentException("An entry's cost must be a number of at least 0, but was " + costUsd);
        }
        dependsOn = dependsOn.isEmpty() ? List.of() : List.copyOf(new LinkedHashSet<>(dependsOn));
        if (dependsOn.size() > MOST_DEPENDENCIES) {
            throw new IllegalArgumentException("An entry's call may depend on at most " + MOST_DEPENDENCIES
                    + " circuits, but depends on " + dependsOn.size());
        }
        metadata = metadata.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * An entry to be filled in: a success, now, without anything else.
     *
     * @param agentId the agent
     * @param actionType what it did
     * @param timestamp when that began
     * @return its builder
     */
    public static Builder builder(String agentId, ActionType actionType, Instant timestamp) {
        return new Builder(agentId, actionType, timestamp);
    }

    /**
     * A builder that holds what this entry holds.
     *
     * @return a builder of its own
     */
    public Builder toBuilder() {
        return new Builder(agentId, actionType, timestamp)
                .entryId(entryId)
                .executionId(executionId)
                .actionName(actionName)
                .inputSummary(inputSummary)
                .outputSummary(outputSummary)
                .status(status)
                .errorMessage(errorMessage)
                .errorKind(errorKind)
                .retryAfterMs(retryAfterMs)
                .latencyMs(latencyMs)
                .tokenCount(tokenCount)
                .costUsd(costUsd)
                .metadata(metadata)
                .dependsOn(dependsOn)
                .caller(caller)
                .guarded(guarded)
                .permit(permit);
    }

    private static void notNegative(String what, @Nullable Long value) {
        if (value != null && value < 0) {
            throw new IllegalArgumentException("An entry's " + what + " must not be negative, but was " + value);
        }
    }

    /** Makes an entry, field by field; each method sets the field of its name. For one thread at a time. */
    public static final class Builder {
        private final String agentId;
        private final ActionType actionType;
        private final Instant timestamp;
        private @Nullable String entryId;
        private @Nullable String executionId;
        private @Nullable String actionName;
        private @Nullable String inputSummary;
        private @Nullable String outputSummary;
        private EntryStatus status = EntryStatus.SUCCESS;
        private @Nullable String errorMessage;
        private @Nullable FailureKind errorKind;
        private @Nullable Long retryAfterMs;
        private @Nullable Long latencyMs;
        private @Nullable Long tokenCount;
        private @Nullable Double costUsd;
        private Map<String, @Nullable Object> metadata = Map.of();
        private List<String> dependsOn = List.of();
        private @Nullable String caller;
        private boolean guarded;
        private @Nullable String permit;

        private Builder(String agentId, ActionType actionType, Instant timestamp) {
            this.agentId = agentId;
            this.actionType = actionType;
            this.timestamp = timestamp;
        }

        /**
         * See {@link LogEntry#entryId()}.
         *
         * @param value names the entry, or null
         * @return this builder
         */
        public Builder entryId(@Nullable String value) {
            this.entryId = value;
            return this;
        }

        /**
         * See {@link LogEntry#executionId()}.
         *
         * @param value the run it belongs to, or null
         * @return this builder
         */
        public Builder executionId(@Nullable String value) {
            this.executionId = value;
            return this;
        }

        /**
         * See {@link LogEntry#actionName()}.
         *
         * @param value which model, tool, decision …, or null
         * @return this builder
         */
        public Builder actionName(@Nullable String value) {
            this.actionName = value;
            return this;
        }

        /**
         * See {@link LogEntry#inputSummary()}.
         *
         * @param value what went in, or null
         * @return this builder
         */
        public Builder inputSummary(@Nullable String value) {
            this.inputSummary = value;
            return this;
        }

        /**
         * See {@link LogEntry#outputSummary()}.
         *
         * @param value what came out, or null
         * @return this builder
         */
        public Builder outputSummary(@Nullable String value) {
            this.outputSummary = value;
            return this;
        }

        /**
         * See {@link LogEntry#status()}.
         *
         * @param value how it came out
         * @return this builder
         */
        public Builder status(EntryStatus value) {
            this.status = value;
            return this;
        }

        /**
         * See {@link LogEntry#errorMessage()}.
         *
         * @param value what went wrong, or null
         * @return this builder
         */
        public Builder errorMessage(@Nullable String value) {
            this.errorMessage = value;
            return this;
        }

        /**
         * See {@link LogEntry#errorKind()}.
         *
         * @param value what went wrong, or null
         * @return this builder
         */
        public Builder errorKind(@Nullable FailureKind value) {
            this.errorKind = value;
            return this;
        }

        /**
         * See {@link LogEntry#retryAfterMs()}.
         *
         * @param value milliseconds, or null
         * @return this builder
         */
        public Builder retryAfterMs(@Nullable Long value) {
            this.retryAfterMs = value;
            return this;
        }

        /**
         * See {@link LogEntry#latencyMs()}.
         *
         * @param value milliseconds, or null
         * @return this builder
         */
        public Builder latencyMs(@Nullable Long value) {
            this.latencyMs = value;
            return this;
        }

        /**
         * See {@link LogEntry#tokenCount()}.
         *
         * @param value tokens in and out together, or null
         * @return this builder
         */
        public Builder tokenCount(@Nullable Long value) {
            this.tokenCount = value;
            return this;
        }

        /**
         * See {@link LogEntry#costUsd()}.
         *
         * @param value US dollars, or null
         * @return this builder
         */
        public Builder costUsd(@Nullable Double value) {
            this.costUsd = value;
            return this;
        }

        /**
         * See {@link LogEntry#metadata()}.
         *
         * @param value whatever else, or an empty map
         * @return this builder
         */
        public Builder metadata(Map<String, @Nullable Object> value) {
            this.metadata = value;
            return this;
        }

        /**
         * See {@link LogEntry#dependsOn()}.
         *
         * @param value names of circuits, or an empty list
         * @return this builder
         */
        public Builder dependsOn(List<String> value) {
            this.dependsOn = value;
            return this;
        }

        /**
         * See {@link LogEntry#caller()}.
         *
         * @param value who made the call, or null
         * @return this builder
         */
        public Builder caller(@Nullable String value) {
            this.caller = value;
            return this;
        }

        /**
         * See {@link LogEntry#guarded()}.
         *
         * @param value whether a guard has counted it already
         * @return this builder
         */
        public Builder guarded(boolean value) {
            this.guarded = value;
            return this;
        }

        /**
         * See {@link LogEntry#permit()}.
         *
         * @param value what guarded it, or null
         * @return this builder
         */
        public Builder permit(@Nullable String value) {
            this.permit = value;
            return this;
        }

        /**
         * Makes the entry.
         *
         * @return it
         * @throws IllegalArgumentException as the entry's constructor does
         */
        public LogEntry build() {
            return new LogEntry(
                    entryId,
                    executionId,
                    agentId,
                    actionType,
                    actionName,
                    inputSummary,
                    outputSummary,
                    status,
                    errorMessage,
                    errorKind,
                    retryAfterMs,
                    latencyMs,
                    tokenCount,
                    costUsd,
                    metadata,
                    dependsOn,
                    caller,
                    timestamp,
                    guarded,
                    permit);
        }
    }
}
