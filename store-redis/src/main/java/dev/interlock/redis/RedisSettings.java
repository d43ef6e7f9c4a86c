package dev.interlock.redis;

import io.lettuce.core.RedisURI;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where Redis is and how it is used. Immutable.
 *
 * @param url {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://…} over TLS; of a Cluster some
 *     of its nodes, separated by commas ({@code redis://one:6379,two:6379}). Whether it is a Cluster Redis itself says
 * @param prefix with what all keys begin; by default {@code interlock}
 * @param slowAfter an answer that takes longer is slow, and this many slow ones in a row detach this process; by
 *     default 50 ms
 * @param timeout how long the writer's thread waits for an answer; by default 2 s
 * @param replicas how many replicas must have an override before it is acknowledged; by default 1 for a Cluster, else 0
 */
public record RedisSettings(String url, String prefix, Duration slowAfter, Duration timeout, int replicas) {
    static final int BY_KIND = -1;

    private static final int STANDARD_PORT = 6379;

    /**
     * Checks each.
     *
     * @throws IllegalArgumentException if one is none
     */
    public RedisSettings {
        addresses(url);
        if (prefix.isBlank() || prefix.contains("{") || prefix.contains("}")) {
            throw new IllegalArgumentException("The prefix of keys in Redis must not be blank nor hold braces");
        }
        if (slowAfter.isNegative() || slowAfter.isZero() || timeout.compareTo(slowAfter) < 0) {
            throw new IllegalArgumentException(
                    "slowAfter must be longer than zero and timeout not shorter than it, but they were " + slowAfter
                            + " and " + timeout);
        }
        if (replicas < BY_KIND || replicas > 10) {
            throw new IllegalArgumentException("replicas must be 0 to 10, but was " + replicas);
        }
    }

    /**
     * The defaults.
     *
     * @param url where Redis is
     * @return settings
     * @throws IllegalArgumentException if the URL is none; the message does not repeat it, since it may hold a password
     */
    public static RedisSettings of(String url) {
        return new RedisSettings(url, "interlock", Duration.ofMillis(50), Duration.ofSeconds(2), BY_KIND);
    }

    /**
     * These with another prefix.
     *
     * @param newPrefix with what all keys begin
     * @return other settings
     */
    public RedisSettings withPrefix(String newPrefix) {
        return new RedisSettings(url, newPrefix, slowAfter, timeout, replicas);
    }

    /**
     * These with another limit for slow answers.
     *
     * @param limit longer than zero, not longer than the timeout
     * @return other settings
     */
    public RedisSettings withSlowAfter(Duration limit) {
        return new RedisSettings(url, prefix, limit, timeout, replicas);
    }

    /**
     * These with another number of replicas that must have an override.
     *
     * @param number 0 to 10
     * @return other settings
     */
    public RedisSettings withReplicas(int number) {
        return new RedisSettings(url, prefix, slowAfter, timeout, number);
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "RedisSettings[" + place() + ", prefix=" + prefix + ", slowAfter=" + slowAfter + ", timeout=" + timeout
                + ", replicas=" + replicas + "]";
    }

    /** Where Redis is, without user and password. */
    String place() {
        List<String> places = new ArrayList<>();
        addresses(url).forEach(address -> places.add(address.getHost() + ":" + address.getPort()));
        return String.join(",", places);
    }

    List<RedisURI> addresses() {
        List<RedisURI> addresses = addresses(url);
        addresses.forEach(address -> address.setTimeout(timeout));
        return addresses;
    }

    private static List<RedisURI> addresses(String url) {
        int scheme = url.indexOf("://");
        String kind = scheme < 0 ? "" : url.substring(0, scheme).toLowerCase(Locale.ROOT);
        if (!kind.equals("redis") && !kind.equals("rediss")) {
            throw new IllegalArgumentException("The URL of Redis must begin with redis:// or rediss://");
        }
        String rest = url.substring(scheme + 3);
        int user = rest.lastIndexOf('@');
        int path = rest.indexOf('/', user + 1);
        String database = path < 0 ? "" : rest.substring(path);
        String hosts = rest.substring(user + 1, path < 0 ? rest.length() : path);
        List<RedisURI> addresses = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            addresses.add(address(kind, rest.substring(0, user + 1), host, database));
        }
        return addresses;
    }

    private static RedisURI address(String kind, String user, String host, String database) {
        try {
            URI uri = new URI(kind + "://" + host);
            if (uri.getHost() == null) {
                throw new IllegalArgumentException("The URL of Redis must name a host, as redis://host:6379 does");
            }
            int port = uri.getPort() < 0 ? STANDARD_PORT : uri.getPort();
            RedisURI address = RedisURI.create(kind + "://" + user + uri.getHost() + ":" + port + database);
            address.setClientName("interlock");
            return address;
        } catch (URISyntaxException | RuntimeException wrong) {
            throw new IllegalArgumentException(
                    "The URL of Redis must look like redis://user:password@host:6379/0, hosts separated by commas, and"
                            + " special characters in the password percent-encoded");
        }
    }
}
