package dev.interlock.cli.demo;

import java.util.Locale;

/**
 * One line of the story, for a terminal. Immutable.
 *
 * @param at when, in milliseconds of the story
 * @param tone what it is about, and so its colour
 * @param text what happened; holds no control characters
 */
public record Line(long at, Tone tone, String text) {

    /** What a line is about. */
    public enum Tone {
        /** Something goes wrong. */
        TROUBLE("trouble"),
        /** Something is healthy again. */
        OVER("over"),
        /** A circuit opened. */
        OPEN("open"),
        /** A circuit lets trials through. */
        HALF_OPEN("half-open"),
        /** A circuit closed. */
        CLOSED("closed"),
        /** Agents do something in another way. */
        FALLBACK("fallback"),
        /** An agent's health changed. */
        HEALTH("health"),
        /** A person overrode a circuit. */
        ACTION("action");

        private final String word;

        Tone(String word) {
            this.word = word;
        }

        /** The word that stands before the text, so that no colour is needed. */
        public String word() {
            return word;
        }
    }

    /** The line as it is printed, without colours: time, word, text. */
    public String plain() {
        long seconds = at / 1_000;
        return String.format(Locale.ROOT, "%3d:%02d  %-9s  %s", seconds / 60, seconds % 60, tone.word(), text);
    }
}
