package dev.interlock.spring;

import dev.interlock.FailureKind;
import dev.interlock.Mode;
import dev.interlock.Scope;
import dev.interlock.Treatment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of circuits whose names match a pattern; a setting that is left out is that of the base. 0 turns a rule
 * off.
 */
public class PolicyProperties {
    /** Name, or a pattern in which * stands for any characters; the most specific one wins. */
    private @Nullable String pattern;

    /** Built-in policy that the others change: default, recommended, recommended+probe, upstream, upstream+probe, attempts. */
    private @Nullable String base;

    /** Consecutive failures that open the circuit; 0 turns this off. */
    private @Nullable Integer failureThreshold;

    /** Failed calls of all calls in the window that open the circuit, 0.0 to 1.0 (no percentage); 0 turns this off. */
    private @Nullable Double failureRateThreshold;

    /** Calls that the window must hold before a rate counts. */
    private @Nullable Integer minRequestsForRate;

    /** Rolling window of time in which calls count. */
    private @Nullable Duration window;

    /** Number of last calls that count, in place of a window of time. */
    private @Nullable Integer windowCalls;

    /** Time that the circuit is open before a trial. */
    private @Nullable Duration cooldown;

    /** Factor by which the cooldown grows with each failed trial. */
    private @Nullable Double cooldownMultiplier;

    /** Longest cooldown. */
    private @Nullable Duration cooldownMax;

    /** Random share that is added to each cooldown, 0.0 to 1.0. */
    private @Nullable Double cooldownJitter;

    /** Cooldowns of kinds of failures, in place of the common one. */
    private Map<FailureKind, Duration> cooldowns = new LinkedHashMap<>();

    /** Shortest wait that a failure's Retry-After can set. */
    private @Nullable Duration retryAfterMin;

    /** Longest wait that a failure's Retry-After can set. */
    private @Nullable Duration retryAfterMax;

    /** Trials that run or have succeeded in half-open. */
    private @Nullable Integer halfOpenMaxRequests;

    /** Trials that run at a time. */
    private @Nullable Integer trialsAtOnce;

    /** Successes in half-open that close the circuit. */
    private @Nullable Integer successThreshold;

    /** Time after which a trial that has not ended gives its place back. */
    private @Nullable Duration trialTimeout;

    /** Duration from which on a call is slow; 0 turns this off. */
    private @Nullable Duration slowCallDuration;

    /** Slow calls of all calls in the window that open the circuit, 0.0 to 1.0; 0 turns this off. */
    private @Nullable Double slowCallRateThreshold;

    /** What kinds of failures do: count, trip, answered or ignore. */
    private Map<FailureKind, Treatment> failureKinds = new LinkedHashMap<>();

    /** Callers that must be failing before a circuit of several callers opens. */
    private @Nullable Integer minCallers;

    /** Whether this is something agents depend on; names with model:, tool:, key: or mcp: are in any case. */
    private @Nullable Boolean upstream;

    /** Whether trips refuse calls (enforce) or are only shown (observe); by default as interlock.mode. */
    private @Nullable Mode mode;

    /** Whether each process has the circuit for itself (local) or all have it together (shared, with a store). */
    private @Nullable Scope scope;

    /** Circuits that a refusal names while they are closed, unless the call names others. */
    private List<String> alternatives = new ArrayList<>();

    public @Nullable String getPattern() {
        return pattern;
    }

    /** The settings as {@link dev.interlock.settings.PolicySettings} reads them. */
    Map<String, @Nullable Object> settings(@Nullable Mode common) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        put(settings, "base", base);
        putOrOff(settings, "failure_threshold", failureThreshold);
        putOrOff(settings, "failure_rate_threshold", failureRateThreshold);
        put(settings, "min_requests_for_rate", minRequestsForRate);
        put(settings, "window", window);
        put(settings, "window_calls", windowCalls);
        put(settings, "cooldown", cooldown);
        put(settings, "cooldown_multiplier", cooldownMultiplier);
        put(settings, "cooldown_max", cooldownMax);
        put(settings, "cooldown_jitter", cooldownJitter);
        put(settings, "cooldowns", cooldowns.isEmpty() ? null : named(cooldowns));
        put(settings, "retry_after_min", retryAfterMin);
        put(settings, "retry_after_max", retryAfterMax);
        put(settings, "half_open_max_requests", halfOpenMaxRequests);
        put(settings, "trials_at_once", trialsAtOnce);
        put(settings, "success_threshold", successThreshold);
        put(settings, "trial_timeout", trialTimeout);
        if (slowCallDuration != null && slowCallDuration.isZero()) {
            settings.put("slow_call_duration", null);
        } else {
            put(settings, "slow_call_duration", slowCallDuration);
        }
        putOrOff(settings, "slow_call_rate_threshold", slowCallRateThreshold);
        put(settings, "failure_kinds", failureKinds.isEmpty() ? null : named(failureKinds));
        put(settings, "min_callers", minCallers);
        put(settings, "upstream", upstream);
        put(settings, "mode", mode != null ? lower(mode) : common == null ? null : lower(common));
        put(settings, "scope", scope == null ? null : lower(scope));
        put(settings, "alternatives", alternatives.isEmpty() ? null : alternatives);
        return settings;
    }

    private static void put(Map<String, @Nullable Object> settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.put(name, value instanceof Duration ? value.toString() : value);
        }
    }

    private static void putOrOff(Map<String, @Nullable Object> settings, String name, @Nullable Number value) {
        if (value != null) {
            settings.put(name, value.doubleValue() == 0 ? null : value);
        }
    }

    private static Map<String, String> named(Map<FailureKind, ?> values) {
        Map<String, String> named = new LinkedHashMap<>();
        values.forEach((kind, value) -> named.put(kind.name(), value.toString()));
        return named;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    public void setPattern(@Nullable String pattern) {
        this.pattern = pattern;
    }

    public @Nullable String getBase() {
        return base;
    }

    public void setBase(@Nullable String base) {
        this.base = base;
    }

    public @Nullable Integer getFailureThreshold() {
        return failureThreshold;
    }

    public void setFailureThreshold(@Nullable Integer failureThreshold) {
        this.failureThreshold = failureThreshold;
    }

    public @Nullable Double getFailureRateThreshold() {
        return failureRateThreshold;
    }

    public void setFailureRateThreshold(@Nullable Double failureRateThreshold) {
        this.failureRateThreshold = failureRateThreshold;
    }

    public @Nullable Integer getMinRequestsForRate() {
        return minRequestsForRate;
    }

    public void setMinRequestsForRate(@Nullable Integer minRequestsForRate) {
        this.minRequestsForRate = minRequestsForRate;
    }

    public @Nullable Duration getWindow() {
        return window;
    }

    public void setWindow(@Nullable Duration window) {
        this.window = window;
    }

    public @Nullable Integer getWindowCalls() {
        return windowCalls;
    }

    public void setWindowCalls(@Nullable Integer windowCalls) {
        this.windowCalls = windowCalls;
    }

    public @Nullable Duration getCooldown() {
        return cooldown;
    }

    public void setCooldown(@Nullable Duration cooldown) {
        this.cooldown = cooldown;
    }

    public @Nullable Double getCooldownMultiplier() {
        return cooldownMultiplier;
    }

    public void setCooldownMultiplier(@Nullable Double cooldownMultiplier) {
        this.cooldownMultiplier = cooldownMultiplier;
    }

    public @Nullable Duration getCooldownMax() {
        return cooldownMax;
    }

    public void setCooldownMax(@Nullable Duration cooldownMax) {
        this.cooldownMax = cooldownMax;
    }

    public @Nullable Double getCooldownJitter() {
        return cooldownJitter;
    }

    public void setCooldownJitter(@Nullable Double cooldownJitter) {
        this.cooldownJitter = cooldownJitter;
    }

    public Map<FailureKind, Duration> getCooldowns() {
        return cooldowns;
    }

    public void setCooldowns(Map<FailureKind, Duration> cooldowns) {
        this.cooldowns = cooldowns;
    }

    public @Nullable Duration getRetryAfterMin() {
        return retryAfterMin;
    }

    public void setRetryAfterMin(@Nullable Duration retryAfterMin) {
        this.retryAfterMin = retryAfterMin;
    }

    public @Nullable Duration getRetryAfterMax() {
        return retryAfterMax;
    }

    public void setRetryAfterMax(@Nullable Duration retryAfterMax) {
        this.retryAfterMax = retryAfterMax;
    }

    public @Nullable Integer getHalfOpenMaxRequests() {
        return halfOpenMaxRequests;
    }

    public void setHalfOpenMaxRequests(@Nullable Integer halfOpenMaxRequests) {
        this.halfOpenMaxRequests = halfOpenMaxRequests;
    }

    public @Nullable Integer getTrialsAtOnce() {
        return trialsAtOnce;
    }

    public void setTrialsAtOnce(@Nullable Integer trialsAtOnce) {
        this.trialsAtOnce = trialsAtOnce;
    }

    public @Nullable Integer getSuccessThreshold() {
        return successThreshold;
    }

    public void setSuccessThreshold(@Nullable Integer successThreshold) {
        this.successThreshold = successThreshold;
    }

    public @Nullable Duration getTrialTimeout() {
        return trialTimeout;
    }

    public void setTrialTimeout(@Nullable Duration trialTimeout) {
        this.trialTimeout = trialTimeout;
    }

    public @Nullable Duration getSlowCallDuration() {
        return slowCallDuration;
    }

    public void setSlowCallDuration(@Nullable Duration slowCallDuration) {
        this.slowCallDuration = slowCallDuration;
    }

    public @Nullable Double getSlowCallRateThreshold() {
        return slowCallRateThreshold;
    }

    public void setSlowCallRateThreshold(@Nullable Double slowCallRateThreshold) {
        this.slowCallRateThreshold = slowCallRateThreshold;
    }

    public Map<FailureKind, Treatment> getFailureKinds() {
        return failureKinds;
    }

    public void setFailureKinds(Map<FailureKind, Treatment> failureKinds) {
        this.failureKinds = failureKinds;
    }

    public @Nullable Integer getMinCallers() {
        return minCallers;
    }

    public void setMinCallers(@Nullable Integer minCallers) {
        this.minCallers = minCallers;
    }

    public @Nullable Boolean getUpstream() {
        return upstream;
    }

    public void setUpstream(@Nullable Boolean upstream) {
        this.upstream = upstream;
    }

    public @Nullable Mode getMode() {
        return mode;
    }

    public void setMode(@Nullable Mode mode) {
        this.mode = mode;
    }

    public @Nullable Scope getScope() {
        return scope;
    }

    public void setScope(@Nullable Scope scope) {
        this.scope = scope;
    }

    public List<String> getAlternatives() {
        return alternatives;
    }

    public void setAlternatives(List<String> alternatives) {
        this.alternatives = alternatives;
    }
}
