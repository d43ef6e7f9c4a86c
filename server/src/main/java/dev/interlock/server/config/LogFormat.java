package dev.interlock.server.config;

/** How logs are written. */
public enum LogFormat {
    /** A line for people. */
    TEXT,
    /** A JSON object a line, for machines. */
    JSON
}
