package dev.interlock.server.sync;

/** Wants to know when something that it watches has changed. */
interface Watcher {
    /** Something has changed. Any thread; does not wait, and may be called without need. */
    void wake();
}
