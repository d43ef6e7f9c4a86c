package dev.interlock.threads;

/**
 * How a {@link Worker} does.
 *
 * @param name what its thread is called
 * @param running whether it has a thread at this moment; one without anything to do has none after a while
 * @param failures turns that ended with an exception or an error, and were followed by another
 * @param losses times its thread had died or could not be started; each was, or will be, followed by another try
 */
public record WorkerFigures(String name, boolean running, long failures, long losses) {}
