package dev.interlock.server.names;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.PrintableText;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Alike;
import dev.interlock.server.text.Texts;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets new names in: those that can be read, and that nobody takes for one that the organization has. A name that is
 * known goes on working, whatever it is. Safe for use by any thread; an ordinary name costs a look at its characters.
 */
public final class NameGate {
    private static final int FIRST_CLEARING = 10_000;

    private final AgentRegistry agents;
    private final CircuitBreakerManager circuits;

    /** Names that are not their own form, by that: they are few. */
    private final Map<CircuitId, CircuitId> unusual = new ConcurrentHashMap<>();

    private volatile int clearingAt = FIRST_CLEARING;

    /**
     * A gate before what is known.
     *
     * @param agents who is known; those that are at this moment are learned
     * @param circuits all circuits
     */
    public NameGate(AgentRegistry agents, CircuitBreakerManager circuits) {
        this.agents = agents;
        this.circuits = circuits;
        agents.all().forEach(agent -> learn(agent.id()));
    }

    /**
     * Lets a name in, or not.
     *
     * @param id the circuit or agent that is about to be used
     * @throws Problem 400 if it is new and cannot be read, 409 if it is new and like one that there is
     */
    public void admit(CircuitId id) {
        boolean plain = Alike.isPlain(id.name());
        if (plain && unusual.isEmpty() || isKnown(id)) {
            return;
        }
        if (!plain) {
            mustBePrintable("agent_id", id.name());
        }
        CircuitId alike = alike(id);
        if (alike != null) {
            throw Problem.conflict(
                    "The name '" + Texts.shown(id.name()) + "' is new, and looks like '" + Texts.shown(alike.name())
                            + "', which there is; use that one, or a name that people can distinguish from it");
        }
        learn(id);
    }

    /**
     * Refuses a text that cannot be read.
     *
     * @param what the field
     * @param text its value
     * @throws Problem 400 with the character and its place
     */
    public static void mustBePrintable(String what, String text) {
        int at = PrintableText.unprintableAt(text);
        if (at >= 0) {
            throw Problem.invalid(what + " = '" + Texts.shown(text)
                    + "': must have printable characters alone, but has " + PrintableText.describe(text, at));
        }
    }

    private @Nullable CircuitId alike(CircuitId id) {
        CircuitId form = form(id);
        if (!form.equals(id) && isKnown(form)) {
            return form;
        }
        CircuitId other = unusual.get(form);
        return other != null && !other.equals(id) && isKnown(other) ? other : null;
    }

    private boolean isKnown(CircuitId id) {
        return agents.find(id) != null || circuits.snapshot(id).state() != CircuitState.CLOSED;
    }

    private void learn(CircuitId id) {
        CircuitId form = form(id);
        if (form.equals(id)) {
            return;
        }
        unusual.put(form, id);
        if (unusual.size() >= clearingAt) {
            unusual.values().removeIf(each -> !each.equals(id) && !isKnown(each));
            clearingAt = Math.max(FIRST_CLEARING, 2 * unusual.size());
        }
    }

    /** What only blanks are made of has no form, and is refused elsewhere. */
    private static CircuitId form(CircuitId id) {
        String form = Alike.form(id.name());
        return form.equals(id.name()) || form.isEmpty() || form.length() > 256
                ? id
                : new CircuitId(id.organization(), form);
    }
}
