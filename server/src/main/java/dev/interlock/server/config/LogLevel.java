package dev.interlock.server.config;

/** From which weight on logs are written. */
public enum LogLevel {
    /** Mistakes of the server. */
    ERROR,
    /** What somebody should look at. */
    WARN,
    /** What was done: starts, stops, overrides. */
    INFO,
    /** Every request. */
    DEBUG
}
