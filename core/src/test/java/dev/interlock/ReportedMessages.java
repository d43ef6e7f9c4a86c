package dev.interlock;

import java.util.ArrayList;
import java.util.List;

/** What a task reports to its thread's handler of uncaught exceptions, as everything here reports what fails. */
final class ReportedMessages {
    private ReportedMessages() {}

    /** The messages of what was reported on this thread meanwhile, in order. */
    static List<String> of(Runnable task) {
        List<String> messages = new ArrayList<>();
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((on, thrown) -> messages.add(thrown.getMessage()));
        try {
            task.run();
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        return messages;
    }
}
