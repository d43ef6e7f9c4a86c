package dev.interlock.threads;

/** Where throwables of others' code go that must not stop what runs it: the thread's uncaught exception handler. */
public final class Reporting {
    private Reporting() {}

    /**
     * Runs a task. What it throws is reported, and what the handler throws is dropped.
     *
     * @param task any code
     */
    public static void safely(Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            report(thrown);
        }
    }

    /**
     * Hands a throwable to this thread's uncaught exception handler. Never throws.
     *
     * @param thrown what was thrown
     */
    public static void report(Throwable thrown) {
        try {
            Thread thread = Thread.currentThread();
            Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
            if (handler != null) {
                handler.uncaughtException(thread, thrown);
            }
        } catch (Throwable handlerFailed) {
            // Nobody is left who could be notified.
        }
    }
}
