package dev.interlock.cli;

/** How a command that talks to a server ends; docs/cli.md has the same table. */
final class ExitCode {
    /** All went well. */
    static final int DONE = 0;
    /** The server refused or failed, or something on this machine did. */
    static final int FAILED = 1;
    /** The command line, or a value in it, is wrong. */
    static final int USAGE = 2;
    /** What was named is not there. */
    static final int NOT_FOUND = 3;
    /** There is no valid key, or its role may not do this. */
    static final int NOT_ALLOWED = 4;
    /** The server does not answer. */
    static final int UNREACHABLE = 5;
    /** Only of {@code status --exit-code}: something is not closed. */
    static final int NOT_CLOSED = 6;

    static final String DONE_TEXT = "0:done";
    static final String FAILED_TEXT = "1:failed: the server refused or failed, or something on this machine did";
    static final String USAGE_TEXT = "2:wrong usage, also a value that the server does not take";
    static final String NOT_FOUND_TEXT = "3:not found: what was named is not there";
    static final String NOT_ALLOWED_TEXT = "4:not signed in, or the key's role may not do this";
    static final String UNREACHABLE_TEXT = "5:the server cannot be reached";

    private ExitCode() {}

    /** What a status of HTTP that is no success comes to. */
    static int of(int status) {
        return switch (status) {
            case 400, 422 -> USAGE;
            case 401, 403 -> NOT_ALLOWED;
            case 404 -> NOT_FOUND;
            default -> FAILED;
        };
    }
}
