package dev.interlock;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended: well, or with a failure of some kind. Immutable; the plain ones are shared.
 *
 * <p>Optional details: how long the call took (else the permit's own measurement is used, where there is one), when
 * the failure said to come back, and which of several circuits around the call it names.
 */
public final class Outcome {
    private static final long UNKNOWN = -1;
    private static final Outcome SUCCESS = new Outcome(null, UNKNOWN, UNKNOWN, null, false);
    private static final Outcome[] FAILURES = failures();

    private final @Nullable FailureKind kind;
    private final long tookNanos;
    private final long retryAfterNanos;
    private final @Nullable String target;

    /**
     * Whether an answer's status reported it. Not part of equality: it says who noticed the failure, not what it was.
     */
    private final boolean ofStatus;

    private Outcome(
            @Nullable FailureKind kind,
            long tookNanos,
            long retryAfterNanos,
            @Nullable String target,
            boolean ofStatus) {
        this.kind = kind;
        this.tookNanos = tookNanos;
        this.retryAfterNanos = retryAfterNanos;
        this.target = target;
        this.ofStatus = ofStatus;
    }

    /**
     * A call that ended well.
     *
     * @return the shared success
     */
    public static Outcome success() {
        return SUCCESS;
    }

    /**
     * A call that failed.
     *
     * @param kind why; the circuit's policy decides whether that counts, trips or is ignored
     * @return the shared failure of this kind
     */
    public static Outcome failure(FailureKind kind) {
        return FAILURES[kind.ordinal()];
    }

    /**
     * A call that its caller gave up: says nothing about health, unless it had lasted long enough to be slow.
     *
     * @return the shared failure of kind {@link FailureKind#CANCELLED}
     */
    public static Outcome cancelled() {
        return failure(FailureKind.CANCELLED);
    }

    /**
     * This outcome with a duration.
     *
     * @param duration how long the call took, not negative
     * @return the outcome
     * @throws IllegalArgumentException if it is negative
     */
    public Outcome took(Duration duration) {
        return new Outcome(kind, nanos("duration", duration), retryAfterNanos, target, ofStatus);
    }

    /**
     * This failure with the time after which the failing side asked to be called again.
     *
     * @param duration from now on, not negative; zero means none, other values are limited to {@link
     *     CircuitBreakerConfig#retryAfterMin()} and {@link CircuitBreakerConfig#retryAfterMax()}
     * @return the outcome
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if this is a success
     */
    public Outcome retryAfter(Duration duration) {
        requireFailure("Retry-After");
        return new Outcome(kind, tookNanos, nanos("Retry-After", duration), target, ofStatus);
    }

    /**
     * This failure with the name of the circuit that it is attributed to, for calls that are guarded by several.
     *
     * @param name the name of one of the guard's circuits; another name counts as none
     * @return the outcome
     * @throws IllegalStateException if this is a success
     */
    public Outcome attributedTo(String name) {
        Objects.requireNonNull(name, "name must not be null");
        requireFailure("A circuit that it is attributed to");
        return new Outcome(kind, tookNanos, retryAfterNanos, name, ofStatus);
    }

    /**
     * Why the call failed.
     *
     * @return the kind, or null for a success
     */
    public @Nullable FailureKind kind() {
        return kind;
    }

    /**
     * Whether the call ended well.
     *
     * @return true for a success
     */
    public boolean isSuccess() {
        return kind == null;
    }

    /**
     * How long the call took.
     *
     * @return the duration, or null where nobody said
     */
    public @Nullable Duration took() {
        return tookNanos == UNKNOWN ? null : Duration.ofNanos(tookNanos);
    }

    /**
     * When the failing side asked to be called again.
     *
     * @return the time from the failure on, or null where it did not say
     */
    public @Nullable Duration retryAfter() {
        return retryAfterNanos == UNKNOWN ? null : Duration.ofNanos(retryAfterNanos);
    }

    /**
     * The name of the circuit that the failure is attributed to.
     *
     * @return the name, or null where the kind decides
     */
    public @Nullable String attributedTo() {
        return target;
    }

    /**
     * Whether the call failed by somebody's fault. It did not if its caller gave it up, if another circuit refused it, or if
     * it was the caller's own mistake, correctly refused: INVALID_REQUEST, CONTEXT_LENGTH, CONTENT_FILTERED.
     *
     * @return false also for a success
     */
    public boolean isFailed() {
        return kind != null
                && kind.attributedTo() != FailureKind.AttributedTo.NOBODY
                && kind.attributedTo() != FailureKind.AttributedTo.MODEL_AND_KEY;
    }

    /** This failure as one that an answer's status reports. */
    Outcome ofStatus() {
        return new Outcome(kind, tookNanos, retryAfterNanos, target, true);
    }

    /** Whether an answer's status reported it: the other side has answered. */
    boolean isOfStatus() {
        return ofStatus;
    }

    /** Nanoseconds, or a negative number where nobody said. */
    long tookNanos() {
        return tookNanos;
    }

    /** Nanoseconds, or a negative number where the failure did not say. */
    long retryAfterNanos() {
        return retryAfterNanos;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Outcome outcome
                && kind == outcome.kind
                && tookNanos == outcome.tookNanos
                && retryAfterNanos == outcome.retryAfterNanos
                && Objects.equals(target, outcome.target);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, tookNanos, retryAfterNanos, target);
    }

    @Override
    public String toString() {
        return (kind == null ? "success" : kind.name())
                + (tookNanos == UNKNOWN ? "" : " after " + Nanos.text(Duration.ofNanos(tookNanos)))
                + (retryAfterNanos == UNKNOWN ? "" : ", retry after " + Nanos.text(Duration.ofNanos(retryAfterNanos)))
                + (target == null ? "" : ", attributed to " + target);
    }

    private void requireFailure(String detail) {
        if (kind == null) {
            throw new IllegalStateException(detail + " belongs to a failure, but this outcome is a success");
        }
    }

    private static long nanos(String what, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("An outcome's " + what + " must not be negative, but was " + duration);
        }
        return Nanos.of(duration);
    }

    private static Outcome[] failures() {
        FailureKind[] kinds = FailureKind.values();
        Outcome[] failures = new Outcome[kinds.length];
        for (FailureKind kind : kinds) {
            failures[kind.ordinal()] = new Outcome(kind, UNKNOWN, UNKNOWN, null, false);
        }
        return failures;
    }
}
