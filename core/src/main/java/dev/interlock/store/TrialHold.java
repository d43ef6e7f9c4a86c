package dev.interlock.store;

/** What became of a trial that a process wants to keep. */
public enum TrialHold {
    /** It is kept. */
    KEPT,
    /** It is kept, and another process waits for its place. */
    WANTED,
    /** It is lost: its round is over, or it was not renewed in time. */
    LOST
}
