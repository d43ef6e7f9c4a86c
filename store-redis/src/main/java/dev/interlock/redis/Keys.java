package dev.interlock.redis;

import dev.interlock.store.CircuitRecord;

/** How keys are called. All keys of one circuit bear the same hash tag, so a Cluster keeps them together. */
final class Keys {
    private final String prefix;

    Keys(String prefix) {
        this.prefix = prefix + ":";
    }

    /** The last that was agreed on a circuit. */
    String record(String organization, String name) {
        return circuit(organization, name) + ":record";
    }

    String record(CircuitRecord record) {
        return record(record.organization(), record.name());
    }

    /** What a circuit counts in closed, or who tries it otherwise. */
    String live(String organization, String name) {
        return circuit(organization, name) + ":live";
    }

    /** Who called it lately, whatever state it was in. */
    String callers(String organization, String name) {
        return circuit(organization, name) + ":callers";
    }

    String live(CircuitRecord record) {
        return live(record.organization(), record.name());
    }

    /** The names of an organization's circuits that are not closed and clean. */
    String index(String organization) {
        return prefix + "{" + escape(organization) + "}:index";
    }

    String organizations() {
        return prefix + "organizations";
    }

    String generation() {
        return prefix + "generation";
    }

    /** By which life of its memory a single Redis speaks. */
    String life() {
        return prefix + "life";
    }

    /** Some consecutive marks of one series; each run has a hash tag of its own. */
    String marks(String name, long series, long run) {
        return prefix + "{marks/" + escape(name) + "/" + series + "/" + run + "}";
    }

    /** What is noted with marks, where they lie. */
    String notes(String name, long series, long run) {
        return marks(name, series, run) + "/notes";
    }

    /** By which life of its memory one master of a Cluster speaks; the number makes it one of the master's own keys. */
    String life(int number) {
        return prefix + "{" + number + "}:life";
    }

    /** What is known of all circuits' probes, and when each of that has changed. */
    String trust() {
        return prefix + "{probes}:trust";
    }

    String trustChanged() {
        return prefix + "{probes}:changed";
    }

    /** Who probes a circuit for a purpose. */
    String probing(String organization, String name, String purpose) {
        return circuit(organization, name) + ":probing:" + purpose;
    }

    /** All gates. */
    String gates() {
        return prefix + "gates";
    }

    /** Which processes obey gates, and when each was heard of. */
    String gateProcesses() {
        return prefix + "{gates}:processes";
    }

    /** Which processes obey one change of a gate. */
    String gateObeyed(String change) {
        return prefix + "{gates}:obeyed:" + change;
    }

    /** How those follow one change of a gate who hear of it through each process; versions before this kept none. */
    String gateFollowers(String change) {
        return prefix + "{gates}:followers:" + change;
    }

    /** The channel on which changes of gates are published. */
    String gateChanges() {
        return prefix + "gate-changes";
    }

    /** The channel on which changes of records are published. */
    String changes() {
        return prefix + "changes";
    }

    private String circuit(String organization, String name) {
        return prefix + "{" + escape(organization) + "/" + escape(name) + "}";
    }

    /** Without what would end a hash tag, or an organization. */
    private static String escape(String part) {
        return part.replace("%", "%25").replace("{", "%7B").replace("}", "%7D").replace("/", "%2F");
    }
}
