package dev.interlock.cli;

import java.util.Iterator;
import java.util.List;

/** Values that options take, for completion in shells. */
final class Candidates {
    private Candidates() {}

    /** States of circuits. */
    static final class States implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("open", "half_open", "closed", "held").iterator();
        }
    }

    /** States of health. */
    static final class Healths implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("healthy", "degraded", "critical", "unknown").iterator();
        }
    }

    /** Types of entries of the agent log. */
    static final class Actions implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("llm_inference", "tool_call", "decision", "error", "custom")
                    .iterator();
        }
    }

    /** How an entry of the agent log came out. */
    static final class Statuses implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("success", "failure", "cancelled").iterator();
        }
    }

    /** Formats of lists. */
    static final class Formats implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "wide", "json", "name").iterator();
        }
    }

    /** Shells with completion. */
    static final class Shells implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("bash", "zsh", "fish").iterator();
        }
    }
}
