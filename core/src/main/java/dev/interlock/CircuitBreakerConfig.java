package dev.interlock;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When a circuit opens, how long it stays open, and what closes it again. Immutable; checked when it is built.
 *
 * <p>Start from {@link #defaults()}, {@link #recommended()}, {@link #upstream()}, {@link #attempts()} or {@link
 * #builder()}.
 *
 * @param failureThreshold consecutive failures that trip, 1 to 1,000,000; null turns the rule off; default 5
 * @param failureRateThreshold the fraction of failed calls in the window that trips, above 0 to 1, reached when equal;
 *     null turns the rule off; default 0.5
 * @param minRequestsForRate calls the window must hold before a rate counts, 1 to 1,000,000; while a rate is set, at most
 *     as many as a window of calls holds; default 10
 * @param window how far back a rate looks; default 60 s
 * @param cooldown the time in open before a trial, 1 ms to 365 days; default 60 s
 * @param cooldownMultiplier growth of the cooldown at each failed trial, 1 to 100; back to the first cooldown after a
 *     close; default 1
 * @param cooldownMax the cap of that growth, at least the cooldown; default the longer of cooldown and 4 min
 * @param cooldownJitter the largest random share added to a cooldown, 0 to 1; it comes on top of the cap, so that
 *     circuits at the cap do not all try at one moment; default 0
 * @param cooldowns kinds of failures that open for a time of their own in place of the cooldown, each 1 ms to 365 days;
 *     its growth is capped by the longer of cooldownMax and itself; default none
 * @param retryAfterMin the shortest wait that a failure's Retry-After may ask for, 1 ms to retryAfterMax; a shorter one
 *     counts as this long, zero counts as none; default the shorter of 1 s and retryAfterMax
 * @param retryAfterMax the longest wait that a failure's Retry-After may ask for, 1 ms to 365 days; default 1 h
 * @param halfOpenMaxRequests trials out or succeeded in one half-open epoch, 1 to 1,000; default 3
 * @param trialsAtOnce trials running at one time, 1 to halfOpenMaxRequests; default halfOpenMaxRequests
 * @param successThreshold successes in half-open that close, 1 to halfOpenMaxRequests; default 2
 * @param trialTimeout a trial's lease: after it the place is given back; default the longer of cooldown and 2 min
 * @param slowCallDuration a call at least this long is slow; null (with slowCallRateThreshold) turns the rule off, as is
 *     the default
 * @param slowCallRateThreshold the fraction of slow calls that trips, above 0 to 1; needs minRequestsForRate calls
 * @param failureKinds kinds with another treatment than {@link FailureKind#treatment} says; default none
 * @param minCallers callers that must be failing before the circuit trips, 1 to 64; more than 1 asks for at least a quarter of
 *     all callers as well, or for all where they are fewer; default 1
 * @param isUpstream whether this is something agents depend on, setting {@code upstream}; names that begin with {@code
 *     model:}, {@code tool:}, {@code key:} or {@code mcp:} are upstreams in any case; default false
 * @param mode whether its own trips refuse calls; default {@link Mode#ENFORCE}
 * @param probe when to probe an open circuit; null (the default) means trials with real calls only
 * @param scope how far the circuit reaches; default {@link Scope#LOCAL}
 * @param alternatives names of circuits, at most 16, that a refusal by this circuit names while they are closed, unless the
 *     call itself says what may be called instead; default none
 */
public record CircuitBreakerConfig(
        @Nullable Integer failureThreshold,
        @Nullable Double failureRateThreshold,
        int minRequestsForRate,
        Window window,
        Duration cooldown,
        double cooldownMultiplier,
        Duration cooldownMax,
        double cooldownJitter,
        Map<FailureKind, Duration> cooldowns,
        Duration retryAfterMin,
        Duration retryAfterMax,
        int halfOpenMaxRequests,
        int trialsAtOnce,
        int successThreshold,
        Duration trialTimeout,
        @Nullable Duration slowCallDuration,
        @Nullable Double slowCallRateThreshold,
        Map<FailureKind, Treatment> failureKinds,
        int minCallers,
        boolean isUpstream,
        Mode mode,
        @Nullable ProbeSettings probe,
        Scope scope,
        List<String> alternatives) {
    private static final int MANY = 1_000_000;
    static final int MOST_TRIALS = 1_000;
    /** The number of slots of a hash that distinguish callers. */
    private static final int MOST_CALLERS = 64;

    private static final int MOST_ALTERNATIVES = 16;

    static final Duration USUAL_RETRY_AFTER_MIN = Duration.ofSeconds(1);
    static final Duration LEAST_COOLDOWN_MAX = Duration.ofMinutes(4);
    static final Duration LEAST_TRIAL_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration UPSTREAM_INTERVAL = Duration.ofSeconds(15);

    /**
     * Checks all settings; {@link #builder()} is easier to read.
     *
     * @throws InvalidSettingsException naming every setting that is out of its range
     */
    public CircuitBreakerConfig {
        Problems problems = new Problems();
        if (failureThreshold != null) {
            problems.number("failureThreshold", failureThreshold, 1, MANY);
        }
        if (failureRateThreshold != null) {
            problems.fraction("failureRateThreshold", failureRateThreshold);
        }
        problems.number("minRequestsForRate", minRequestsForRate, 1, MANY);
        if (window.time() == null
                && minRequestsForRate > window.calls()
                && minRequestsForRate <= MANY
                && (failureRateThreshold != null || slowCallRateThreshold != null)) {
            problems.add(
                    "minRequestsForRate",
                    minRequestsForRate,
                    "1 to " + window.calls() + ", since a window of " + window.calls()
                            + " calls holds no more and a rate is set");
        }
        problems.duration("cooldown", cooldown, Problems.SHORTEST, Problems.LONGEST);
        if (!(cooldownMultiplier >= 1 && cooldownMultiplier <= 100)) {
            problems.add("cooldownMultiplier", cooldownMultiplier, "1 to 100");
        }
        problems.duration("cooldownMax", cooldownMax, within(cooldown), Problems.LONGEST);
        if (!(cooldownJitter >= 0 && cooldownJitter <= 1)) {
            problems.add("cooldownJitter", cooldownJitter, "0 to 1");
        }
        cooldowns.forEach((kind, time) ->
                problems.duration("cooldowns." + kind.name(), time, Problems.SHORTEST, Problems.LONGEST));
        problems.duration("retryAfterMin", retryAfterMin, Problems.SHORTEST, within(retryAfterMax));
        problems.duration("retryAfterMax", retryAfterMax, Problems.SHORTEST, Problems.LONGEST);
        problems.number("halfOpenMaxRequests", halfOpenMaxRequests, 1, MOST_TRIALS);
        // A range that follows from a setting which is wrong itself would only confuse.
        int mostTrials = halfOpenMaxRequests >= 1 ? Math.min(halfOpenMaxRequests, MOST_TRIALS) : MOST_TRIALS;
        problems.number("trialsAtOnce", trialsAtOnce, 1, mostTrials);
        problems.number("successThreshold", successThreshold, 1, mostTrials);
        problems.duration("trialTimeout", trialTimeout, Problems.SHORTEST, Problems.LONGEST);
        if (slowCallDuration != null) {
            problems.duration("slowCallDuration", slowCallDuration, Problems.SHORTEST, Problems.LONGEST);
        }
        if (slowCallRateThreshold != null) {
            problems.fraction("slowCallRateThreshold", slowCallRateThreshold);
        }
        if ((slowCallDuration == null) != (slowCallRateThreshold == null)) {
            problems.add(
                    slowCallDuration == null ? "slowCallDuration" : "slowCallRateThreshold",
                    "none",
                    "given together with " + (slowCallDuration == null ? "slowCallRateThreshold" : "slowCallDuration"));
        }
        problems.number("minCallers", minCallers, 1, MOST_CALLERS);
        problems.names("alternatives", alternatives, MOST_ALTERNATIVES);
        problems.throwIfAny();
        alternatives = List.copyOf(alternatives);
        EnumMap<FailureKind, Treatment> kinds = new EnumMap<>(FailureKind.class);
        kinds.putAll(failureKinds);
        failureKinds = Collections.unmodifiableMap(kinds);
        EnumMap<FailureKind, Duration> ownCooldowns = new EnumMap<>(FailureKind.class);
        ownCooldowns.putAll(cooldowns);
        cooldowns = Collections.unmodifiableMap(ownCooldowns);
    }

    /**
     * The specification's settings, policy {@code default}.
     *
     * @return the settings that {@link #builder()} begins with
     */
    public static CircuitBreakerConfig defaults() {
        return builder().build();
    }

    /**
     * For an agent alone, policy {@code recommended}: an agent's few calls a minute are judged by their number, not by
     * time, and the cooldown grows while the incident lasts.
     *
     * @return streak 3, rate 0.5 of at least 10 of the last 20 calls, cooldown 60 s × 2 up to 240 s, jitter 0.1; 15 min for
     *     QUOTA_EXHAUSTED, 5 min for AUTHENTICATION
     */
    public static CircuitBreakerConfig recommended() {
        return named().failureThreshold(3).cooldownMax(Duration.ofMinutes(4)).build();
    }

    /**
     * For what agents share, policy {@code upstream}: a model, a tool or a key.
     *
     * @return streak 5, rate 0.5 of at least 10 of the last 20 calls, cooldown 60 s × 2 up to 120 s, jitter 0.1, one trial at a
     *     time, at least 2 failing callers; 15 min for QUOTA_EXHAUSTED, 5 min for AUTHENTICATION
     */
    public static CircuitBreakerConfig upstream() {
        return named().cooldownMax(Duration.ofMinutes(2))
                .trialsAtOnce(1)
                .minCallers(2)
                .upstream(true)
                .build();
    }

    /**
     * For guards around each attempt of a retry loop, policy {@code attempts}: attempts fail more often than calls do.
     *
     * @return {@link #recommended()} with streak 8 and rate 0.7
     */
    public static CircuitBreakerConfig attempts() {
        return recommended().toBuilder()
                .failureThreshold(8)
                .failureRateThreshold(0.7)
                .build();
    }

    /** What the named policies have in common. */
    private static ConfigBuilder named() {
        return builder()
                .window(Window.ofCalls(20))
                .cooldownMultiplier(2)
                .cooldownJitter(0.1)
                .cooldown(FailureKind.QUOTA_EXHAUSTED, Duration.ofMinutes(15))
                .cooldown(FailureKind.AUTHENTICATION, Duration.ofMinutes(5));
    }

    /**
     * {@link #recommended()} for circuits that have a {@link Probe}, policy {@code recommended+probe}.
     *
     * @return the same with a cooldown of 30 s and the default probe settings
     */
    public static CircuitBreakerConfig recommendedWithProbe() {
        return recommended().toBuilder()
                .cooldown(Duration.ofSeconds(30))
                .probe(ProbeSettings.defaults())
                .build();
    }

    /**
     * {@link #upstream()} for circuits that have a {@link Probe}, policy {@code upstream+probe}.
     *
     * @return the same with a cooldown of 15 s and the default probe settings, but an interval of 15 s
     */
    public static CircuitBreakerConfig upstreamWithProbe() {
        ProbeSettings probe = ProbeSettings.defaults();
        return upstream().toBuilder()
                .cooldown(UPSTREAM_INTERVAL)
                .probe(new ProbeSettings(
                        UPSTREAM_INTERVAL, probe.needed(), probe.spacing(), probe.realTrialAfter(), probe.suspicion()))
                .build();
    }

    /**
     * A builder that holds the specification's defaults.
     *
     * @return a new builder
     */
    public static ConfigBuilder builder() {
        return new ConfigBuilder();
    }

    /**
     * A builder that holds these settings. A setting that equals its derived default (cooldownMax, retryAfterMin,
     * trialsAtOnce, trialTimeout) still follows the settings that it is derived from.
     *
     * @return a new builder
     */
    public ConfigBuilder toBuilder() {
        return new ConfigBuilder(this);
    }

    /**
     * What this policy does with a failure.
     *
     * @param kind why the call failed
     * @param hasRetryAfter whether it said when to come back, later than at once
     * @return the configured treatment, else the kind's own
     */
    public Treatment treatment(FailureKind kind, boolean hasRetryAfter) {
        Treatment configured = failureKinds.get(kind);
        return configured != null ? configured : kind.treatment(hasRetryAfter);
    }

    /** What may follow from a duration: none that is out of every range, so that a mistake is reported once. */
    static Duration within(Duration duration) {
        if (duration.compareTo(Problems.SHORTEST) < 0) {
            return Problems.SHORTEST;
        }
        return duration.compareTo(Problems.LONGEST) > 0 ? Problems.LONGEST : duration;
    }

    /** What retryAfterMin is where nobody says. */
    static Duration usualRetryAfterMin(Duration retryAfterMax) {
        return USUAL_RETRY_AFTER_MIN.compareTo(retryAfterMax) <= 0 ? USUAL_RETRY_AFTER_MIN : within(retryAfterMax);
    }

    static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
