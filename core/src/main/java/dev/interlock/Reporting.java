package dev.interlock;

/** Where throwables of others' code go that must not stop what runs it: the thread's uncaught exception handler. */
final class Reporting {
    private Reporting() {}

    /** Runs a task; what it throws is reported, and what the handler throws is nobody's. */
    static void safely(Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            report(thrown);
        }
    }

    static void report(Throwable thrown) {
        try {
            Thread thread = Thread.currentThread();
            Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
            if (handler != null) {
                handler.uncaughtException(thread, thrown);
            }
        } catch (Throwable handlerFailed) {
            // There is nobody left to tell.
        }
    }
}
