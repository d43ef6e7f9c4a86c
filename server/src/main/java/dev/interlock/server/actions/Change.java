package dev.interlock.server.actions;

import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Hold;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an override of many did to one circuit. Immutable.
 *
 * @param agent whose circuit
 * @param before what it was
 * @param after what it became
 * @param since when its epoch began, which is the same in all processes and after a restart; null if something else came
 *     in between, so that it cannot be undone
 */
record Change(
        String agent, Look before, Look after, @Nullable Instant since) {
    /** What a circuit is to those who call. */
    record Look(CircuitState state, boolean held, @Nullable Instant until) {
        static Look of(CircuitSnapshot circuit) {
            Hold hold = circuit.hold();
            Instant until = hold == null ? null : hold.until();
            return new Look(circuit.state(), hold != null, until == null ? null : until.truncatedTo(ChronoUnit.MILLIS));
        }

        private JsonArray json() {
            return new JsonArray().add(CircuitJson.text(state)).add(held).add(until == null ? null : until.toString());
        }

        private static Look of(JsonArray json) {
            return new Look(
                    CircuitState.valueOf(json.getString(0).toUpperCase(Locale.ROOT)),
                    json.getBoolean(1),
                    time(json.getString(2)));
        }

        /** As a person reads it. */
        String words() {
            String name = CircuitJson.text(state).replace('_', '-');
            return held ? "held " + name : name;
        }
    }

    /** As it is stored. */
    static String write(List<Change> changes) {
        JsonArray all = new JsonArray();
        changes.forEach(change -> all.add(new JsonArray()
                .add(change.agent)
                .add(change.before.json())
                .add(change.after.json())
                .add(change.since == null ? null : change.since.toString())));
        return all.encode();
    }

    static List<Change> read(String stored) {
        return new JsonArray(stored)
                .stream()
                        .map(JsonArray.class::cast)
                        .map(each -> new Change(
                                each.getString(0),
                                Look.of(each.getJsonArray(1)),
                                Look.of(each.getJsonArray(2)),
                                time(each.getString(3))))
                        .toList();
    }

    private static @Nullable Instant time(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    /**
     * What became of a circuit, if nobody came in between.
     *
     * @param action what was done; null for an undo, which may take several steps
     */
    static Change of(CircuitSnapshot before, @Nullable OverrideAction action, String actor, CircuitSnapshot after) {
        boolean ours =
                after.epoch() != before.epoch() && isBy(after, actor) && (action == null || makes(action, after));
        return new Change(before.id().name(), Look.of(before), Look.of(after), ours ? after.since() : null);
    }

    private static boolean isBy(CircuitSnapshot circuit, String actor) {
        StateTransition last = circuit.lastTransition();
        return last != null && actor.equals(last.actor());
    }

    private static boolean makes(OverrideAction action, CircuitSnapshot after) {
        boolean held = after.hold() != null;
        return switch (action) {
            case OPEN -> after.state() == CircuitState.OPEN && !held;
            case CLOSE, RESET -> after.state() == CircuitState.CLOSED && !held;
            case HOLD_OPEN -> after.state() == CircuitState.OPEN && held;
            case HOLD_CLOSED -> after.state() == CircuitState.CLOSED && held;
            case RELEASE, PROBE_NOW -> !held;
        };
    }

    /** Whether a circuit is still in the epoch that somebody began; stores keep no more than microseconds. */
    boolean isKept(CircuitSnapshot now, String actor) {
        return since != null
                && now.since() != null
                && since.truncatedTo(ChronoUnit.MILLIS).equals(now.since().truncatedTo(ChronoUnit.MILLIS))
                && after.equals(Look.of(now))
                && isBy(now, actor);
    }

    /** One line of a preview. */
    static JsonObject preview(CircuitSnapshot circuit) {
        return new JsonObject()
                .put("agent_id", circuit.id().name())
                .put("state", CircuitJson.text(circuit.state()))
                .put("held", circuit.hold() != null);
    }
}
