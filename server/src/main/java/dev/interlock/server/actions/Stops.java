package dev.interlock.server.actions;

import dev.interlock.Gate;
import dev.interlock.Gate.Covers;
import dev.interlock.GateChange;
import dev.interlock.Gates;
import dev.interlock.NamePattern;
import dev.interlock.TooManyGatesException;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts and removes the gates of people's stops. What is stopped says how its gate is called, so that stopping it again moves
 * the end, and resuming needs no id. Safe for use by any thread.
 */
final class Stops {
    /** How many names a preview has. */
    static final int FIRST = 20;

    private static final int LONGEST_ID = 128;
    private static final int HASH_BYTES = 16;

    private final Gates gates;
    private final KnownCircuits fleet;

    Stops(Gates gates, KnownCircuits fleet) {
        this.gates = gates;
        this.fleet = fleet;
    }

    /**
     * What somebody wants to stop, or to resume.
     *
     * @param covers which calls
     * @param pattern which agents or upstreams; null exactly for the whole organization
     */
    record What(Covers covers, @Nullable String pattern) {
        /**
         * Reads it.
         *
         * @throws Problem 400 if covers is missing, or does not go with the pattern
         */
        static What of(@Nullable String covers, @Nullable String pattern) {
            if (covers == null) {
                throw Problem.invalid("covers is missing: organization, agents or upstream; with the latter two also"
                        + " pattern, such as \"planner-*\" or \"model:kimi-k2\"");
            }
            What what = new What(Covers.valueOf(covers.toUpperCase(Locale.ROOT)), pattern);
            if ((what.covers == Covers.ORGANIZATION) != (pattern == null)) {
                throw Problem.invalid(
                        pattern == null
                                ? "covers: " + covers + " needs a pattern, such as \"planner-*\" or \"model:kimi-k2\""
                                : "covers: organization has no pattern, but this one has '" + Texts.shown(pattern)
                                        + "'; to stop some agents say covers: agents");
            }
            return what;
        }

        /** How its gate is called. */
        String id() {
            if (pattern == null) {
                return "stop";
            }
            String prefix = "stop:" + covers.name().toLowerCase(Locale.ROOT) + ":";
            String id = prefix + pattern;
            return id.length() <= LONGEST_ID ? id : prefix + hash(pattern);
        }

        private static String hash(String text) {
            try {
                MessageDigest sha = MessageDigest.getInstance("SHA-256");
                return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)), 0, HASH_BYTES);
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /** A change that is in effect here, with the gate that it is about and the one that it replaced. */
    record Done(GateChange change, Gate gate, @Nullable Gate replaced) {}

    /**
     * Stops.
     *
     * @throws Problem 400 if a text cannot be, 409 if there are too many gates
     */
    Done stop(String organization, What what, String actor, @Nullable String reason, @Nullable Instant until) {
        Gate gate;
        try {
            gate = new Gate(
                    organization,
                    what.id(),
                    what.covers,
                    what.pattern == null ? null : new NamePattern(what.pattern),
                    actor,
                    reason,
                    null,
                    until);
        } catch (IllegalArgumentException wrong) {
            throw Problem.invalid(String.valueOf(wrong.getMessage()));
        }
        Gate before = find(organization, gate.id());
        try {
            GateChange change = gates.put(gate);
            Gate put = find(organization, gate.id());
            return new Done(change, put == null ? gate : put, before);
        } catch (TooManyGatesException full) {
            throw Problem.conflict(full.getMessage() + "; resume stops that are no longer needed");
        }
    }

    /**
     * Removes a gate.
     *
     * @throws Problem 404 if none of that id is in effect, 409 if it is a budget's, 400 if a text cannot be
     */
    Done resume(String organization, String id, String actor, @Nullable String reason) {
        Gate before = find(organization, id);
        if (before != null && before.author().equals(BudgetKeeper.AUTHOR)) {
            throw Problem.conflict(
                    "The gate '" + Texts.shown(id)
                            + "' is of a budget that is used up, and would be put again; raise the budget, or wait for its end");
        }
        GateChange change;
        try {
            change = before == null ? null : gates.remove(organization, id, actor, reason);
        } catch (IllegalArgumentException wrong) {
            throw Problem.invalid(String.valueOf(wrong.getMessage()));
        }
        if (before == null || change == null) {
            throw Problem.notFound("Nothing is stopped under the id '" + Texts.shown(id)
                    + "'; it may have ended, or somebody else was faster. See GET /api/v1/gates");
        }
        return new Done(change, before, null);
    }

    /** The gates of an organization that are in effect here, the oldest first. */
    List<Gate> of(String organization) {
        return gates.list(organization);
    }

    private @Nullable Gate find(String organization, String id) {
        return gates.list(organization).stream()
                .filter(gate -> gate.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    /** Whom a stop would cover. Looks through the fleet: for a worker. */
    JsonObject preview(String organization, What what) {
        Predicate<Agent> covered = covered(what);
        TreeSet<String> first = new TreeSet<>();
        long count = fleet.agents(organization)
                .flatMap(Stream::ofNullable)
                .filter(covered)
                .peek(agent -> {
                    first.add(agent.id().name());
                    if (first.size() > FIRST) {
                        first.pollLast();
                    }
                })
                .count();
        Gate before = find(organization, what.id());
        JsonObject preview = new JsonObject()
                .put("action", "stop")
                .put("dry_run", true)
                .put("found", count)
                .put("agents", new JsonArray(List.copyOf(first)));
        return before == null ? preview : preview.put("replaces", GateJson.of(before));
    }

    private static Predicate<Agent> covered(What what) {
        if (what.pattern == null) {
            return agent -> true;
        }
        NamePattern names;
        try {
            names = new NamePattern(what.pattern);
        } catch (IllegalArgumentException wrong) {
            throw Problem.invalid(String.valueOf(wrong.getMessage()));
        }
        boolean upstream = what.covers == Covers.UPSTREAM;
        return agent -> names.matches(agent.id().name())
                || upstream && agent.dependencies().stream().anyMatch(names::matches);
    }
}
