package dev.interlock.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * That a circuit or a gate was written, as servers notify each other.
 *
 * @param writer the generation of the process that wrote
 * @param organization who owns it
 * @param name the circuit's name, or the gate's id
 */
record Notice(long writer, String organization, String name) {
    /** That a gate was put or removed; who wrote it is not said, and hears of it too. */
    static Notice ofGate(String organization, String id) {
        return new Notice(0, organization, id);
    }

    /** The notice as one line; names hold no control characters. */
    String text() {
        return writer + "\n" + organization + "\n" + name;
    }

    /** The notice in a text, or null if somebody else wrote it. */
    static @Nullable Notice parse(String text) {
        String[] parts = text.split("\n", -1);
        if (parts.length != 3 || !parts[0].matches("[0-9]{1,18}")) {
            return null;
        }
        return new Notice(Long.parseLong(parts[0]), parts[1], parts[2]);
    }
}
