package dev.interlock.store;

/** What became of a trial that a process wants to keep. */
public enum TrialHold {
    /** It is kept. */
    KEPT,
    /** It is kept, and another process waits for its place. */
    WANTED,
    /** Another process was notified how its call ended: its place has been given back. */
    ENDED,
    /** It is lost: its round is over, or it was not renewed in time. */
    LOST
}
