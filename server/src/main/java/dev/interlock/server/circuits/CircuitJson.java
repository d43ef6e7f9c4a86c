package dev.interlock.server.circuits;

import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Figures;
import dev.interlock.Hold;
import dev.interlock.ProbeStatus;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Problem;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Circuits as the API writes them. */
public final class CircuitJson {
    private CircuitJson() {}

    /**
     * The schema {@code Circuit} of the contract.
     *
     * @param known what it looks like
     * @param now the wall clock's time just before that, from which the end of a cooldown is calculated
     * @return a new object
     */
    public static JsonObject of(Known known, Instant now) {
        return of(known.circuit(), now).put("idle", known.idle());
    }

    private static JsonObject of(CircuitSnapshot circuit, Instant now) {
        Why why = Why.of(circuit);
        Figures figures = circuit.figures();
        Hold hold = circuit.hold();
        boolean coolingDown = circuit.state() == CircuitState.OPEN && hold == null;
        return new JsonObject()
                .put("agent_id", circuit.id().name())
                .put("state", text(circuit.state()))
                .put("failure_count", figures.failures())
                .put("success_count", figures.calls() - figures.failures())
                .put("failure_rate", figures.failureRate())
                .put("consecutive_failures", figures.consecutiveFailures())
                .put("slow_count", figures.slow())
                .put("last_failure_at", text(circuit.lastFailureAt()))
                .put("opened_at", text(circuit.openedAt()))
                .put("epoch", circuit.epoch())
                .put("since", text(circuit.since()))
                .put("retry_after_ms", ceilMillis(circuit.retryAfter()))
                .put("cooldown_until", coolingDown ? text(now.plus(circuit.retryAfter())) : null)
                .put("hold", hold == null ? null : of(hold))
                .put("reason", why.reason())
                .put("actor", why.actor())
                .put("cause", why.cause())
                .put("kind", why.kind())
                .put("carried_over", why.carriedOver())
                .put("openings", circuit.openings())
                .put("late", circuit.late())
                .put("trials_out", circuit.trialsOut())
                .put("trials_succeeded", circuit.trialsSucceeded())
                .put("policy", circuit.policy())
                .put("mode", text(circuit.mode()))
                .put("probe", of(circuit.probe()))
                .put("detached", circuit.detached());
    }

    private static @Nullable JsonObject of(@Nullable ProbeStatus probe) {
        return probe == null
                ? null
                : new JsonObject()
                        .put("trusted", probe.trusted())
                        .put("last_good", probe.lastGood())
                        .put("last_at", text(probe.lastAt()))
                        .put("next_at", text(probe.nextAt()))
                        .put("real_trial_at", text(probe.realTrialAt()));
    }

    /**
     * A constant as the API writes it.
     *
     * @param constant for example {@link CircuitState#HALF_OPEN}
     * @return its name in lower case
     */
    public static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * A time as the API writes it.
     *
     * @param time a time, or null
     * @return RFC 3339 in UTC, to the millisecond, or null
     */
    public static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /**
     * A time to wait, never too short.
     *
     * @param duration not negative
     * @return whole milliseconds, rounded up
     */
    public static long ceilMillis(Duration duration) {
        long millis = duration.toMillis();
        return duration.equals(Duration.ofMillis(millis)) ? millis : millis + 1;
    }

    private static JsonObject of(Hold hold) {
        return new JsonObject()
                .put("until", text(hold.until()))
                .put("actor", hold.actor())
                .put("reason", hold.reason());
    }

    /**
     * The circuit that a caller means: always of its own organization.
     *
     * @param organization the caller's
     * @param agent what it wrote
     * @return the circuit's id
     * @throws Problem if that is no name
     */
    public static CircuitId id(String organization, String agent) {
        try {
            return new CircuitId(organization, agent);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("agent_id is not valid: " + e.getMessage());
        }
    }
}
