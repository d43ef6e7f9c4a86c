package dev.interlock.cli;

/** The environment's variables that commands read. */
final class Variables {
    /** The server. */
    static final String URL = "INTERLOCK_URL";
    /** An API key or a token. */
    static final String KEY = "INTERLOCK_KEY";
    /** A file of certificates that the server's must come from. */
    static final String CA_CERTIFICATES = "INTERLOCK_CACERT";
    /** Which server, of those that somebody has signed in to. */
    static final String PROFILE = "INTERLOCK_PROFILE";

    private Variables() {}
}
