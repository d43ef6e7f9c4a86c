package dev.interlock.cli;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A server that somebody has signed in to. Immutable.
 *
 * @param name what it is called on this machine
 * @param url of the server
 * @param key an API key or a token
 * @param caCertificates certificates that the server's must come from, or null for those that Java trusts
 */
record Profile(String name, URI url, String key, @Nullable Path caCertificates) {
    String inWords() {
        return "the profile " + name;
    }

    /** Without the key. */
    @Override
    public String toString() {
        return name + " at " + url;
    }
}
