package dev.interlock.cli;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which server a command talks to, and by which key. Immutable.
 *
 * @param url of the server, without a slash at its end
 * @param urlFrom where the address was named, in words
 * @param key an API key or a token, or null
 * @param keyFrom where the key was named, in words; where one belongs, if there is none
 * @param caCertificates a file of certificates in PEM that the server's is checked against; null for those of Java
 */
record Target(
        URI url,
        String urlFrom,
        @Nullable String key,
        String keyFrom,
        @Nullable Path caCertificates) {

    /** Without the key. */
    @Override
    public String toString() {
        return url + " from " + urlFrom + ", key from " + keyFrom;
    }
}
