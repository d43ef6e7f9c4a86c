package dev.interlock.cli;

/** How a list is printed. */
enum Format {
    /** Columns for people. */
    TABLE,
    /** All columns. */
    WIDE,
    /** The server's answer as it is. */
    JSON,
    /** A name a line, for other programs. */
    NAME
}
