package dev.interlock.server.failpoints;

/** In which state the circuits are when something fails. */
enum Situation {
    CLOSED,
    OPEN,
    HALF_OPEN,
    /** Held open, until a person releases it. */
    HELD
}
