package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Why a circuit is as it is, or changed, in a line. */
final class Why {
    private Why() {}

    /** Cause, failure, person and reason of a circuit, or of a line of the audit trail; a hyphen if there is none. */
    static String of(JsonNode of) {
        StringBuilder why = new StringBuilder(
                of.path("cause").isTextual() ? of.path("cause").asText().replace('_', ' ') : "");
        add(why, " (", of.path("kind"), ")");
        add(why, " by ", of.path("actor"), "");
        add(why, ": ", of.path("reason"), "");
        if (of.path("hold").isObject()) {
            add(why, ", until ", of.path("hold").path("until"), "");
        }
        add(why, ", until ", of.path("hold_until"), "");
        switch (of.path("carried_over").asText()) {
            case "restart" -> why.append(" (since before the restart)");
            case "process" -> why.append(" (decided by another process)");
            default -> {}
        }
        return why.isEmpty() ? Listing.NONE : Words.clean(why.toString());
    }

    private static void add(StringBuilder to, String before, JsonNode value, String after) {
        if (value.isTextual()) {
            to.append(before).append(value.asText()).append(after);
        }
    }
}
