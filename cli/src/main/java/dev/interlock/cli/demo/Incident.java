package dev.interlock.cli.demo;

/**
 * Something goes wrong with somebody for a while. Immutable.
 *
 * @param trouble what
 * @param target with whom, as the circuit is called
 * @param from when it begins, in milliseconds of the story
 * @param until when it is over
 */
record Incident(Trouble trouble, String target, long from, long until) {

    boolean isOn(long at) {
        return from <= at && at < until;
    }

    boolean isOn(long at, Trouble which, String whom) {
        return trouble == which && target.equals(whom) && isOn(at);
    }
}
