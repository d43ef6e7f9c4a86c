package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads people's overrides, and carries them out on one circuit after the other. Safe for use by any thread. */
public final class Overriding {
    private static final Logger LOG = LoggerFactory.getLogger(Overriding.class);

    private final CircuitBreakerManager circuits;
    private final AgentRegistry agents;
    private final NameGate names;
    private final Reasons reasons;
    private final boolean requireReason;
    private final Clock clock;

    /**
     * For all organizations.
     *
     * @param circuits all circuits
     * @param agents who is known
     * @param names lets new names in
     * @param memory in which descriptions lie, of which organizations have shares
     * @param requireReason whether an override without a reason is refused
     * @param clock the wall clock
     */
    public Overriding(
            CircuitBreakerManager circuits,
            AgentRegistry agents,
            NameGate names,
            Shares memory,
            boolean requireReason,
            Clock clock) {
        this.circuits = circuits;
        this.agents = agents;
        this.names = names;
        this.reasons = new Reasons(circuits, memory);
        this.requireReason = requireReason;
        this.clock = clock;
    }

    /**
     * What somebody orders.
     *
     * @param action as the API names it
     * @param actor who
     * @param reason why, or null
     * @param until when a hold ends, or null
     * @return the override, its reason without secrets
     * @throws Problem 400 if it cannot be, 422 without a reason where one is required
     */
    public ManualOverride read(String action, String actor, @Nullable String reason, @Nullable String until) {
        String why = reason(reason);
        Instant end = until(until);
        if (end != null && !action.startsWith("hold_")) {
            throw Problem.invalid("until belongs to hold_open or hold_closed, but the action is " + action);
        }
        try {
            return new ManualOverride(OverrideAction.valueOf(action.toUpperCase(Locale.ROOT)), actor, why, end);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        }
    }

    /**
     * A reason as it is kept, streamed and read by many: what people paste into it should not be.
     *
     * @param reason as somebody wrote it, or null
     * @return it without secrets, or null
     * @throws Problem 422 if there is none and this server requires one
     */
    public @Nullable String reason(@Nullable String reason) {
        if (requireReason && (reason == null || reason.isBlank())) {
            throw new Problem(
                    422,
                    "reason-required",
                    "A reason is required",
                    "Each override on this server needs a reason (require-reason), and this one has none: add \"reason\","
                            + " such as \"the provider is down\"");
        }
        return reason == null ? null : Redactor.standard().redact(reason);
    }

    /**
     * When something ends.
     *
     * @param text as somebody wrote it, or null
     * @return the time, or null
     * @throws Problem 400 if it is no time, or in the past
     */
    public @Nullable Instant until(@Nullable String text) {
        if (text == null) {
            return null;
        }
        Instant until = Times.read("until", text);
        if (!until.isAfter(clock.instant())) {
            throw Problem.invalid(
                    "until must be in the future, but is " + until + "; it is " + clock.instant() + " now");
        }
        return until;
    }

    /**
     * Makes room for what an override leaves behind, before anything is done.
     *
     * @param id whose circuit
     * @param override what is about to be done
     * @throws Problem if the name is one too many, or there is no room for a long reason
     */
    public void prepare(CircuitId id, ManualOverride override) {
        names.admit(id);
        reasons.give(id, override.reason());
    }

    /**
     * Carries an override out that was prepared.
     *
     * @param id whose circuit
     * @param override what is done
     * @return false if it repeats what is so already
     */
    public boolean carryOut(CircuitId id, ManualOverride override) {
        boolean changed = circuits.override(id, override);
        agents.sighted(id, null, clock.instant());
        return changed;
    }

    /**
     * Says in the server's log what somebody did.
     *
     * @param organization whose circuits
     * @param whose the circuit, or the pattern or query that found them
     * @param override what was done
     * @param count to how many circuits
     */
    public static void log(String organization, String whose, ManualOverride override, int count) {
        LOG.atInfo()
                .addKeyValue("organization", organization)
                .addKeyValue("agent", whose)
                .addKeyValue("action", override.action())
                .addKeyValue("actor", override.actor())
                .addKeyValue("circuits", count)
                .log("An override was carried out");
    }

    /**
     * Completes once what was done up to now is stored.
     *
     * @param id whose circuit
     * @return as {@link CircuitBreakerManager#stored} says
     */
    public CompletionStage<Boolean> stored(CircuitId id) {
        return circuits.stored(id);
    }
}
