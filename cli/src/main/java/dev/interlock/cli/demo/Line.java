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
        TROUBLE("trouble", "no circuit knows of it yet, and nothing is red"),
        /** Something is healthy again. */
        OVER("over", ""),
        /** A circuit opened. */
        OPEN("open", "it is red now, on top of the page Fleet"),
        /** A circuit lets trials through. */
        HALF_OPEN("half-open", "its page counts the trials"),
        /** A circuit closed. */
        CLOSED("closed", "the page Events has what led here"),
        /** Agents do something in another way. */
        FALLBACK("fallback", "its page says whose calls are refused"),
        /** An agent's health changed. */
        HEALTH("health", "the page of the agent has its score and why"),
        /** A person overrode a circuit. */
        ACTION("action", "the page Events has who did it"),
        /** Openings that have one cause. */
        INCIDENT("incident", "first of all on the page Fleet; in a terminal: interlock incidents"),
        /** A message of the server arrived that would wake somebody. */
        ALERT("alert", "what a pager, Slack or Teams would show"),
        /** A person stopped a part of the fleet. */
        STOP("stop", "a band on every page of the dashboard"),
        /** A person let it go on. */
        RESUME("resume", "the band is gone, and the circuits are as they were");

        private final String word;
        private final String look;

        Tone(String word, String look) {
            this.word = word;
            this.look = look;
        }

        /** Where to see it, for the first line of the tone; nothing if there is no place. */
        String look() {
            return look;
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
