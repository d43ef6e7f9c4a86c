package dev.interlock.cli.demo;

/** What goes wrong in a world, and when. Immutable. */
interface Troubles {
    /**
     * Whether something goes wrong with somebody.
     *
     * @param at when, in milliseconds of the story
     * @param trouble what
     * @param target with whom, as the circuit is called
     */
    boolean isOn(long at, Trouble trouble, String target);
}
