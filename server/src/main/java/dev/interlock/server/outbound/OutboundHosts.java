package dev.interlock.server.outbound;

import dev.interlock.server.net.Network;
import dev.interlock.server.net.PublicAddresses;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that the server may make requests to, as its operator lists them: each with any port, or with the one after
 * its name. A listed name may be called if it leads to the public internet; if it leads elsewhere, its address must be
 * listed as well. Immutable.
 */
public final class OutboundHosts {
    private static final OutboundHosts NONE = new OutboundHosts(List.of());
    private static final int MOST = 256;
    private static final int ANY_PORT = 0;
    private static final int MOST_PORT = 65_535;
    private static final String HOSTS =
            "names such as api.example.com or *.example.com, addresses, and networks such as"
                    + " 10.1.0.0/16; names and addresses with a port, such as api.example.com:8443, or without";

    /** A name or an address in brackets or IPv4, and a port. */
    private static final Pattern WITH_PORT = Pattern.compile("(\\[[^\\]]*]|[^:/]*):([^:/]*)");

    /**
     * One of the list.
     *
     * @param name or, with its dot, what names end in; null for a network
     * @param network or an address; null for a name
     * @param port the only one, or {@link #ANY_PORT}
     */
    private record Listed(@Nullable String name, @Nullable Network network, int port) {
        boolean admits(String host, int asked) {
            return name != null && isPort(asked) && (name.startsWith(".") ? host.endsWith(name) : host.equals(name));
        }

        boolean admits(byte[] plain, int asked) {
            return network != null && isPort(asked) && network.holds(plain);
        }

        private boolean isPort(int asked) {
            return port == ANY_PORT || asked == ANY_PORT || port == asked;
        }
    }

    private final List<Listed> all;

    private OutboundHosts(List<Listed> all) {
        this.all = all;
    }

    /** No host at all. */
    public static OutboundHosts none() {
        return NONE;
    }

    /**
     * Reads a list.
     *
     * @param hosts names such as {@code api.example.com}, {@code *.example.com} for all below a name, addresses and
     *     networks such as {@code 10.1.0.0/16}; names and addresses may have a port behind them ({@code
     *     api.example.com:8443}, {@code [fd00::1]:8443}), without one every port is meant; at most 256
     * @return the hosts
     * @throws IllegalArgumentException if one is none; the message says what they must be
     */
    public static OutboundHosts of(List<String> hosts) {
        List<Listed> all = hosts.stream()
                .map(each -> listed(each.strip().toLowerCase(Locale.ROOT)))
                .toList();
        if (hosts.size() > MOST) {
            throw new IllegalArgumentException("at most " + MOST + " hosts");
        }
        return new OutboundHosts(all);
    }

    /**
     * Whether a request may be made, before anything is resolved.
     *
     * @param target where to
     * @return whether its name, or its address, is listed with that port
     */
    public boolean admits(Target target) {
        return admits(target, target.port());
    }

    /**
     * Whether a host is listed, whatever the port.
     *
     * @param target where to
     * @return whether its name, or its address, is listed
     */
    public boolean admitsAnyPortOf(Target target) {
        return admits(target, ANY_PORT);
    }

    /** Whether an address may be connected to, by a name that is listed. */
    boolean admits(byte[] address, int port) {
        return PublicAddresses.holds(address) || isListed(address, port);
    }

    private boolean admits(Target target, int port) {
        byte[] address = target.address();
        return address == null
                ? all.stream().anyMatch(each -> each.admits(target.host(), port))
                : isListed(address, port);
    }

    private boolean isListed(byte[] address, int port) {
        byte[] plain = Network.plain(address);
        return all.stream().anyMatch(each -> each.admits(plain, port));
    }

    private static Listed listed(String text) {
        Matcher parts = WITH_PORT.matcher(text);
        boolean hasPort = parts.matches();
        String host = hasPort ? parts.group(1) : text;
        int port = hasPort ? port(parts.group(2)) : ANY_PORT;
        boolean below = host.startsWith("*.");
        Network network = below ? null : network(host);
        if (network != null) {
            return new Listed(null, network, port);
        }
        String name = Target.canonicalHost(below ? host.substring(2) : host);
        if (name == null || Network.address(name) != null) {
            throw new IllegalArgumentException(HOSTS);
        }
        return new Listed(below ? "." + name : name, null, port);
    }

    private static int port(String text) {
        int port = text.matches("[1-9]\\d{0,4}") ? Integer.parseInt(text) : ANY_PORT;
        if (port == ANY_PORT || port > MOST_PORT) {
            throw new IllegalArgumentException(HOSTS + ", where a port is 1 to " + MOST_PORT);
        }
        return port;
    }

    /** What looks like another spelling of an address is none. */
    private static @Nullable Network network(String host) {
        int slash = host.indexOf('/');
        String address = Target.canonicalHost(slash < 0 ? host : host.substring(0, slash));
        return address == null ? null : Network.of(slash < 0 ? address : address + host.substring(slash));
    }
}
