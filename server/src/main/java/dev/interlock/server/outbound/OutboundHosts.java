package dev.interlock.server.outbound;

import dev.interlock.server.net.Network;
import dev.interlock.server.net.PublicAddresses;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that the server may make requests to, by its operator's word. A name that is listed may be asked where it
 * leads to the public internet; where it leads elsewhere, its address must be listed as well. Immutable.
 */
public final class OutboundHosts {
    private static final OutboundHosts NONE = new OutboundHosts(Set.of(), List.of(), List.of());
    private static final int MOST = 256;

    private final Set<String> names;

    /** What names may end in, each with its dot. */
    private final List<String> endings;

    private final List<Network> networks;

    private OutboundHosts(Set<String> names, List<String> endings, List<Network> networks) {
        this.names = names;
        this.endings = endings;
        this.networks = networks;
    }

    /** No host at all. */
    public static OutboundHosts none() {
        return NONE;
    }

    /**
     * Reads a list.
     *
     * @param hosts names such as {@code api.example.com}, {@code *.example.com} for all below a name, addresses and
     *     networks such as {@code 10.1.0.0/16}; at most 256
     * @return the hosts
     * @throws IllegalArgumentException if one is none; the message says what they must be
     */
    public static OutboundHosts of(List<String> hosts) {
        Set<String> names = new HashSet<>();
        List<String> endings = new ArrayList<>();
        List<Network> networks = new ArrayList<>();
        for (String each : hosts) {
            String host = each.strip().toLowerCase(Locale.ROOT);
            boolean below = host.startsWith("*.");
            Network network = below ? null : network(host);
            if (network != null) {
                networks.add(network);
                continue;
            }
            String name = Target.canonicalHost(below ? host.substring(2) : host);
            if (name == null || Network.address(name) != null) {
                throw new IllegalArgumentException(
                        "names such as api.example.com or *.example.com, addresses, and networks such as 10.1.0.0/16");
            }
            if (below) {
                endings.add("." + name);
            } else {
                names.add(name);
            }
        }
        if (hosts.size() > MOST) {
            throw new IllegalArgumentException("at most " + MOST + " hosts");
        }
        return new OutboundHosts(Set.copyOf(names), List.copyOf(endings), List.copyOf(networks));
    }

    /**
     * Whether a request may be made, before anything is resolved.
     *
     * @param target where to
     * @return whether its name, or its address, is listed
     */
    public boolean admits(Target target) {
        byte[] address = target.address();
        if (address != null) {
            return isListed(address);
        }
        return names.contains(target.host()) || endings.stream().anyMatch(target.host()::endsWith);
    }

    /** Whether an address may be connected to, by a name that is listed. */
    boolean admits(byte[] address) {
        return PublicAddresses.holds(address) || isListed(address);
    }

    private boolean isListed(byte[] address) {
        byte[] plain = Network.plain(address);
        return networks.stream().anyMatch(each -> each.holds(plain));
    }

    /** What looks like another spelling of an address is none. */
    private static @Nullable Network network(String host) {
        int slash = host.indexOf('/');
        String address = Target.canonicalHost(slash < 0 ? host : host.substring(0, slash));
        return address == null ? null : Network.of(slash < 0 ? address : address + host.substring(slash));
    }
}
