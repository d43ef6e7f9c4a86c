package dev.interlock;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link CircuitBreakerConfig}; each setting is described there. Not for use by several threads at once.
 */
public final class ConfigBuilder {
    private @Nullable Integer failureThreshold = 5;
    private @Nullable Double failureRateThreshold = 0.5;
    private int minRequestsForRate = 10;
    private Window window = Window.ofTime(Duration.ofSeconds(60));
    private Duration cooldown = Duration.ofSeconds(60);
    private double cooldownMultiplier = 1;
    private @Nullable Duration cooldownMax;
    private double cooldownJitter;
    private final Map<FailureKind, Duration> cooldowns = new EnumMap<>(FailureKind.class);
    private @Nullable Duration retryAfterMin;
    private Duration retryAfterMax = Duration.ofHours(1);
    private int halfOpenMaxRequests = 3;
    private @Nullable Integer trialsAtOnce;
    private int successThreshold = 2;
    private @Nullable Duration trialTimeout;
    private @Nullable Duration slowCallDuration;
    private @Nullable Double slowCallRateThreshold;
    private final Map<FailureKind, Treatment> failureKinds = new EnumMap<>(FailureKind.class);
    private int minCallers = 1;
    private boolean upstream;
    private Mode mode = Mode.ENFORCE;
    private @Nullable ProbeSettings probe;
    private Scope scope = Scope.LOCAL;
    private List<String> alternatives = List.of();

    /** A builder with the defaults. */
    ConfigBuilder() {}

    /** A builder that holds the settings of a configuration. */
    ConfigBuilder(CircuitBreakerConfig config) {
        failureThreshold = config.failureThreshold();
        failureRateThreshold = config.failureRateThreshold();
        minRequestsForRate = config.minRequestsForRate();
        window = config.window();
        cooldown = config.cooldown();
        cooldownMultiplier = config.cooldownMultiplier();
        cooldownMax = config.cooldownMax()
                        .equals(CircuitBreakerConfig.longer(config.cooldown(), CircuitBreakerConfig.LEAST_COOLDOWN_MAX))
                ? null
                : config.cooldownMax();
        cooldownJitter = config.cooldownJitter();
        cooldowns.putAll(config.cooldowns());
        retryAfterMin = config.retryAfterMin().equals(CircuitBreakerConfig.usualRetryAfterMin(config.retryAfterMax()))
                ? null
                : config.retryAfterMin();
        retryAfterMax = config.retryAfterMax();
        halfOpenMaxRequests = config.halfOpenMaxRequests();
        trialsAtOnce = config.trialsAtOnce() == config.halfOpenMaxRequests() ? null : (Integer) config.trialsAtOnce();
        successThreshold = config.successThreshold();
        trialTimeout = config.trialTimeout()
                        .equals(CircuitBreakerConfig.longer(
                                config.cooldown(), CircuitBreakerConfig.LEAST_TRIAL_TIMEOUT))
                ? null
                : config.trialTimeout();
        slowCallDuration = config.slowCallDuration();
        slowCallRateThreshold = config.slowCallRateThreshold();
        failureKinds.putAll(config.failureKinds());
        minCallers = config.minCallers();
        upstream = config.isUpstream();
        mode = config.mode();
        probe = config.probe();
        scope = config.scope();
        alternatives = config.alternatives();
    }

    /**
     * Consecutive failures that trip.
     *
     * @param failures 1 to 1,000,000, or null to turn the rule off
     * @return this builder
     */
    public ConfigBuilder failureThreshold(@Nullable Integer failures) {
        failureThreshold = failures;
        return this;
    }

    /**
     * The fraction of failed calls in the window that trips.
     *
     * @param fraction above 0, at most 1, or null to turn the rule off
     * @return this builder
     */
    public ConfigBuilder failureRateThreshold(@Nullable Double fraction) {
        failureRateThreshold = fraction;
        return this;
    }

    /**
     * Calls the window must hold before a rate counts.
     *
     * @param calls 1 to 1,000,000
     * @return this builder
     */
    public ConfigBuilder minRequestsForRate(int calls) {
        minRequestsForRate = calls;
        return this;
    }

    /**
     * How far back a rate looks.
     *
     * @param extent a span of time or a number of calls
     * @return this builder
     */
    public ConfigBuilder window(Window extent) {
        window = Objects.requireNonNull(extent, "window must not be null");
        return this;
    }

    /**
     * The time in open before a trial.
     *
     * @param time 1 ms to 365 days
     * @return this builder
     */
    public ConfigBuilder cooldown(Duration time) {
        cooldown = Objects.requireNonNull(time, "cooldown must not be null");
        return this;
    }

    /**
     * Growth of the cooldown at each failed trial.
     *
     * @param factor 1 to 100
     * @return this builder
     */
    public ConfigBuilder cooldownMultiplier(double factor) {
        cooldownMultiplier = factor;
        return this;
    }

    /**
     * The cap of the cooldown's growth.
     *
     * @param longest at least the cooldown
     * @return this builder
     */
    public ConfigBuilder cooldownMax(Duration longest) {
        cooldownMax = Objects.requireNonNull(longest, "cooldownMax must not be null");
        return this;
    }

    /**
     * The largest random share added to a cooldown.
     *
     * @param share 0 to 1
     * @return this builder
     */
    public ConfigBuilder cooldownJitter(double share) {
        cooldownJitter = share;
        return this;
    }

    /**
     * The time in open after a failure of one kind, in place of the cooldown.
     *
     * @param kind the kind
     * @param time 1 ms to 365 days, or null for the cooldown of all others
     * @return this builder
     */
    public ConfigBuilder cooldown(FailureKind kind, @Nullable Duration time) {
        if (time == null) {
            cooldowns.remove(kind);
        } else {
            cooldowns.put(kind, time);
        }
        return this;
    }

    /**
     * The shortest wait that a failure's Retry-After may ask for.
     *
     * @param shortest 1 ms to retryAfterMax
     * @return this builder
     */
    public ConfigBuilder retryAfterMin(Duration shortest) {
        retryAfterMin = Objects.requireNonNull(shortest, "retryAfterMin must not be null");
        return this;
    }

    /**
     * The longest wait that a failure's Retry-After may ask for.
     *
     * @param longest 1 ms to 365 days
     * @return this builder
     */
    public ConfigBuilder retryAfterMax(Duration longest) {
        retryAfterMax = Objects.requireNonNull(longest, "retryAfterMax must not be null");
        return this;
    }

    /**
     * Trials out or succeeded in one half-open epoch.
     *
     * @param trials 1 to 1,000
     * @return this builder
     */
    public ConfigBuilder halfOpenMaxRequests(int trials) {
        halfOpenMaxRequests = trials;
        return this;
    }

    /**
     * Trials running at one time.
     *
     * @param trials 1 to halfOpenMaxRequests
     * @return this builder
     */
    public ConfigBuilder trialsAtOnce(int trials) {
        trialsAtOnce = trials;
        return this;
    }

    /**
     * Successes in half-open that close.
     *
     * @param successes 1 to halfOpenMaxRequests
     * @return this builder
     */
    public ConfigBuilder successThreshold(int successes) {
        successThreshold = successes;
        return this;
    }

    /**
     * A trial's lease.
     *
     * @param lease 1 ms to 365 days
     * @return this builder
     */
    public ConfigBuilder trialTimeout(Duration lease) {
        trialTimeout = Objects.requireNonNull(lease, "trialTimeout must not be null");
        return this;
    }

    /**
     * How long a call takes that is slow; needs slowCallRateThreshold.
     *
     * @param duration 1 ms to 365 days, or null to turn the rule off
     * @return this builder
     */
    public ConfigBuilder slowCallDuration(@Nullable Duration duration) {
        slowCallDuration = duration;
        return this;
    }

    /**
     * The fraction of slow calls in the window that trips; needs slowCallDuration.
     *
     * @param fraction above 0, at most 1, or null to turn the rule off
     * @return this builder
     */
    public ConfigBuilder slowCallRateThreshold(@Nullable Double fraction) {
        slowCallRateThreshold = fraction;
        return this;
    }

    /**
     * Sets the treatment of a kind of failure, in place of its default.
     *
     * @param kind the kind
     * @param treatment what to do with it
     * @return this builder
     */
    public ConfigBuilder failureKind(FailureKind kind, Treatment treatment) {
        failureKinds.put(
                Objects.requireNonNull(kind, "kind must not be null"),
                Objects.requireNonNull(treatment, "treatment must not be null"));
        return this;
    }

    /**
     * Callers that must be failing before the circuit trips.
     *
     * @param callers 1 to 64
     * @return this builder
     */
    public ConfigBuilder minCallers(int callers) {
        minCallers = callers;
        return this;
    }

    /**
     * Whether this is something agents depend on.
     *
     * @param isOne true even if the name does not say so
     * @return this builder
     */
    public ConfigBuilder upstream(boolean isOne) {
        upstream = isOne;
        return this;
    }

    /**
     * Whether the circuit's own trips refuse calls.
     *
     * @param effect enforce or observe
     * @return this builder
     */
    public ConfigBuilder mode(Mode effect) {
        mode = Objects.requireNonNull(effect, "mode must not be null");
        return this;
    }

    /**
     * When to probe an open circuit.
     *
     * @param settings the settings, or null for trials with real calls only
     * @return this builder
     */
    public ConfigBuilder probe(@Nullable ProbeSettings settings) {
        probe = settings;
        return this;
    }

    /**
     * How far the circuit reaches.
     *
     * @param reach local or shared
     * @return this builder
     */
    public ConfigBuilder scope(Scope reach) {
        scope = Objects.requireNonNull(reach, "scope must not be null");
        return this;
    }

    /**
     * What a refusal by the circuit names instead, where the call itself names nothing.
     *
     * @param names circuits of the same organization, such as {@code model:kimi-k2-mini}; at most 16, no patterns
     * @return this builder
     */
    public ConfigBuilder alternatives(String... names) {
        alternatives = List.of(names);
        return this;
    }

    /**
     * The settings, checked.
     *
     * @return an immutable configuration
     * @throws InvalidSettingsException naming every setting that is out of its range
     */
    public CircuitBreakerConfig build() {
        return new CircuitBreakerConfig(
                failureThreshold,
                failureRateThreshold,
                minRequestsForRate,
                window,
                cooldown,
                cooldownMultiplier,
                cooldownMax != null
                        ? cooldownMax
                        : CircuitBreakerConfig.longer(
                                CircuitBreakerConfig.within(cooldown), CircuitBreakerConfig.LEAST_COOLDOWN_MAX),
                cooldownJitter,
                cooldowns,
                retryAfterMin != null ? retryAfterMin : CircuitBreakerConfig.usualRetryAfterMin(retryAfterMax),
                retryAfterMax,
                halfOpenMaxRequests,
                trialsAtOnce != null
                        ? trialsAtOnce
                        : Math.max(1, Math.min(halfOpenMaxRequests, CircuitBreakerConfig.MOST_TRIALS)),
                successThreshold,
                trialTimeout != null
                        ? trialTimeout
                        : CircuitBreakerConfig.longer(
                                CircuitBreakerConfig.within(cooldown), CircuitBreakerConfig.LEAST_TRIAL_TIMEOUT),
                slowCallDuration,
                slowCallRateThreshold,
                failureKinds,
                minCallers,
                upstream,
                mode,
                probe,
                scope,
                alternatives);
    }
}
