package dev.interlock.benchmarks;

import java.io.PrintStream;

/** One question about whom circuits blame, answered by a simulation: see {@link Blame}. */
interface BlamePart {
    /** What it is asked for by, in lower case. */
    String name();

    /** Plays, and prints a section of Markdown. */
    void play(PrintStream out, long seed);
}
