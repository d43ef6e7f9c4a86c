package dev.interlock.server.outbound;

import dev.interlock.server.net.Network;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes, taken apart once and strictly, so that what is checked is what is connected to. Immutable.
 *
 * @param tls whether it is https
 * @param host a name in lower case, or an address as it is usually written, IPv6 without brackets
 * @param port 1 to 65535
 * @param path path and query, beginning with a slash
 */
public record Target(boolean tls, String host, int port, String path) {
    private static final int LONGEST = 2_048;
    private static final int LONGEST_NAME = 253;
    private static final int HTTPS = 443;
    private static final int HTTP = 80;
    private static final int MOST_PORT = 65_535;
    private static final String EXAMPLE = "an address such as https://api.example.com/v1/models";

    private static final Pattern SCHEME = Pattern.compile("(?i)https?://.*", Pattern.DOTALL);
    private static final Pattern URL = Pattern.compile("(?i)(https?)://(\\[[0-9a-f:.]+]|[a-z0-9.-]+)(?::(\\d{1,5}))?"
            + "((?:[/?][a-z0-9._~:/?\\[\\]@!$&'()*+,;=%-]*)?)");
    private static final Pattern NAME =
            Pattern.compile("(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern IPV4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)");

    /**
     * Reads an address.
     *
     * @param url with http or https, without user, password and fragment; names in ASCII, IPv4 as four decimal numbers,
     *     IPv6 in brackets
     * @return its parts
     * @throws IllegalArgumentException if it is none; the message says what it must be, and does not repeat it
     */
    public static Target of(String url) {
        if (url.length() > LONGEST) {
            throw new IllegalArgumentException(EXAMPLE + ", of at most " + LONGEST + " characters");
        }
        if (!SCHEME.matcher(url).matches()) {
            throw new IllegalArgumentException(EXAMPLE + ", with the scheme https or http");
        }
        if (authority(url).indexOf('@') >= 0) {
            throw new IllegalArgumentException(EXAMPLE
                    + ", without user and password; a credential belongs into a header," + " as ${secret:NAME}");
        }
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(EXAMPLE + ", without a fragment, and with all else percent-encoded but"
                    + " letters, digits and the usual marks");
        }
        boolean tls = parts.group(1).equalsIgnoreCase("https");
        String path = parts.group(4);
        return new Target(
                tls,
                host(parts.group(2).toLowerCase(Locale.ROOT)),
                port(parts.group(3), tls),
                path.startsWith("/") ? path : "/" + path);
    }

    /**
     * A host as a list of hosts names it.
     *
     * @param host a name, or an address, IPv6 with or without brackets
     * @return the same, in the one way in which {@link #host()} writes it; null if it is neither
     */
    static @Nullable String canonicalHost(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (lower.startsWith("[") && lower.endsWith("]")) {
            lower = lower.substring(1, lower.length() - 1);
            return lower.indexOf(':') >= 0 && Network.address(lower) != null ? lower : null;
        }
        if (lower.indexOf(':') >= 0) {
            return lower.indexOf('%') < 0 && Network.address(lower) != null ? lower : null;
        }
        return IPV4.matcher(lower).matches() || isName(lower) ? lower : null;
    }

    /** The four or sixteen bytes of a host that is an address; null for a name. */
    byte @Nullable [] address() {
        return Network.address(host);
    }

    /** Whether the host is this machine, by whatever of its names. */
    public boolean isThisMachine() {
        return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("::1");
    }

    private static boolean isName(String host) {
        return host.length() <= LONGEST_NAME && NAME.matcher(host).matches();
    }

    private static String authority(String url) {
        int start = url.indexOf("://") + 3;
        int end = start;
        while (end < url.length() && "/?#\\".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        return url.substring(start, end);
    }

    /** Other spellings of numbers are read by some as an address and by others as a name, so they are neither. */
    private static String host(String written) {
        String host = canonicalHost(written);
        if (host == null) {
            throw new IllegalArgumentException(
                    EXAMPLE + ", with a host that is a name in ASCII, an IPv4 address of four"
                            + " decimal numbers, or an IPv6 address in brackets");
        }
        return host;
    }

    private static int port(@Nullable String written, boolean tls) {
        int port = written == null ? tls ? HTTPS : HTTP : Integer.parseInt(written);
        if (port < 1 || port > MOST_PORT) {
            throw new IllegalArgumentException(EXAMPLE + ", with a port of 1 to " + MOST_PORT);
        }
        return port;
    }
}
