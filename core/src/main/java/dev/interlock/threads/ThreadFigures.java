package dev.interlock.threads;

/**
 * How the threads of one name do, in the whole process and since it began.
 *
 * @param name what they are called; those of a pool have one name here
 * @param alive how many there are at this moment; many have none while there is nothing to do
 * @param failures turns of a {@link Worker} that ended with an exception or an error, and were followed by another
 * @param losses how many died of a throwable or could not be started; each is replaced when there is something to do
 */
public record ThreadFigures(String name, int alive, long failures, long losses) {}
