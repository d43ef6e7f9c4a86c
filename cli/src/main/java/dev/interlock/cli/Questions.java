package dev.interlock.cli;

import java.io.Console;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Asks, where somebody can answer. */
final class Questions {
    private Questions() {}

    /**
     * Asks a person.
     *
     * @param err where the question is written
     * @return the answer, which may be empty; null if nobody is there to answer
     */
    static @Nullable String ask(PrintWriter err, String question) {
        @SuppressWarnings("SystemConsoleNull") // whether it is a terminal is asked as well
        Console console = System.console();
        if (console == null || !Terminal.isStandardInput() || !Terminal.isStandardError()) {
            return null;
        }
        err.print(question);
        err.flush();
        return console.readLine();
    }
}
