package dev.interlock.cli.demo;

/** Where the fleet plays: the story's clock, and a thread on which everything happens, one thing after the other. */
interface Stage {
    /** How much of the story has been played, in milliseconds. */
    long now();

    /**
     * Does something later.
     *
     * @param millis how much later, in milliseconds of the story; not negative
     * @param step what; not done any more once the stage is closed
     */
    void after(long millis, Runnable step);
}
