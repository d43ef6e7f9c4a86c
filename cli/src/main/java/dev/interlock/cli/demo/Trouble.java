package dev.interlock.cli.demo;

/** What goes wrong in the fleet, in the order in which a round of the story has it. Times are milliseconds. */
enum Trouble {
    /** A model has no capacity: most calls are turned away. */
    OVERLOADED_MODEL(5_000, 16_000, "is overloaded: most calls are turned away", "has capacity again"),
    /** An agent makes the same call again and again. */
    LOOPING_AGENT(
            12_000, 14_000, "goes round in circles: it makes the same call again and again", "has found the way out"),
    /** A team's key has no quota left. */
    EXHAUSTED_KEY(20_000, 15_000, "has used up its quota", "has been topped up"),
    /** A tool answers, after many seconds. */
    SLOW_TOOL(27_000, 18_000, "answers, but takes many seconds", "is fast again"),
    /** An agent that is not guarded cannot read what its model answers; only its log, or its traces, show it. */
    GARBLED_ANSWERS(
            36_000,
            14_000,
            "gets answers that it cannot read; only its log or traces say so",
            "reads its answers again");

    private final long begins;
    private final long lasts;
    private final String beginning;
    private final String ending;

    Trouble(long begins, long lasts, String beginning, String ending) {
        this.begins = begins;
        this.lasts = lasts;
        this.beginning = beginning;
        this.ending = ending;
    }

    /** When it begins in its round. */
    long begins() {
        return begins;
    }

    /** How long it lasts. */
    long lasts() {
        return lasts;
    }

    /** What is said of its target when it begins. */
    String beginning() {
        return beginning;
    }

    /** What is said of its target when it ends. */
    String ending() {
        return ending;
    }
}
