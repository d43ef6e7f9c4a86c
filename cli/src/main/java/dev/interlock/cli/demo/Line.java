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
        TROUBLE("trouble", "no circuit knows of it yet, and nothing is red", "not red yet"),
        /** Something is healthy again. */
        OVER("over", "no circuit is notified of that; a trial finds it out", "the next trial"),
        /** A circuit opened. */
        OPEN("open", "it is red now, on top of the page Fleet", "red on Fleet"),
        /** A circuit lets trials through. */
        HALF_OPEN("half-open", "its page counts the trials", "trials, on its page"),
        /** A circuit closed. */
        CLOSED("closed", "the page Events has what led here", "Events"),
        /** Agents do something in another way. */
        FALLBACK("fallback", "the page of what is refused says whose calls that hits", "dependencies, on its page"),
        /** The health of an agent, or of what agents use, changed. */
        HEALTH("health", "its page has its score and why", "health, on its page"),
        /** A person overrode a circuit. */
        ACTION("action", "the page Events has who did it", "Events"),
        /** Openings that have one cause. */
        INCIDENT(
                "incident",
                "first of all on the page Fleet; in a terminal: interlock incidents",
                "Wrong now, on Fleet"),
        /** A message of the server arrived that would wake somebody. */
        ALERT("alert", "what a pager, Slack or Teams would show", "what a pager gets"),
        /** A person stopped a part of the fleet. */
        STOP("stop", "a band on every page of the dashboard", "the band on every page"),
        /** A person let it go on. */
        RESUME("resume", "the band is gone, and the circuits are as they were", "the band is gone");

        private final String word;
        private final String look;
        private final String glance;

        Tone(String word, String look, String glance) {
            this.word = word;
            this.look = look;
            this.glance = glance;
        }

        /** What to look at, in a sentence, for the first line of the tone. */
        String look() {
            return look;
        }

        /** What to look at, in a few words, for all further lines. */
        String glance() {
            return glance;
        }

        /** The word before the text, so that no colour is needed. */
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
