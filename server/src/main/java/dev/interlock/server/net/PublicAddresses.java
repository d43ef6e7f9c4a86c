package dev.interlock.server.net;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Which addresses belong to the public internet. All others lead to this machine, to the network around it, to a cloud's
 * metadata, or nowhere.
 */
public final class PublicAddresses {
    /** The special-purpose registry of IPv4, and what is not unicast. */
    private static final List<Network> NOT_PUBLIC = networks(
            "0.0.0.0/8", // this network
            "10.0.0.0/8", // private
            "100.64.0.0/10", // shared by carriers, and some clouds' metadata
            "127.0.0.0/8", // this machine
            "169.254.0.0/16", // link-local, and most clouds' metadata
            "172.16.0.0/12", // private
            "192.0.0.0/24", // protocols, and a cloud's metadata
            "192.0.2.0/24", // documentation
            "192.88.99.0/24", // relays to IPv6
            "192.168.0.0/16", // private
            "198.18.0.0/15", // measurements
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "224.0.0.0/3", // many, or reserved
            "168.63.129.16", // a cloud's platform
            "2001::/23", // protocols, tunnels
            "2001:db8::/32", // documentation
            "2002::/16", // tunnels to IPv4
            "3fff::/20"); // documentation

    /** All of IPv6 that is given to the internet; embedded, translated, local and link-local addresses lie outside. */
    private static final List<Network> UNICAST = networks("2000::/3");

    private PublicAddresses() {}

    /**
     * Whether an address is one of the public internet.
     *
     * @param address four bytes or sixteen
     * @return false if it is private, link-local, shared, of this machine, of a tunnel, multicast or reserved
     */
    public static boolean holds(byte[] address) {
        byte[] plain = Network.plain(address);
        return !isIn(NOT_PUBLIC, plain) && (plain.length == 4 || isIn(UNICAST, plain));
    }

    private static boolean isIn(List<Network> networks, byte[] address) {
        return networks.stream().anyMatch(each -> each.holds(address));
    }

    private static List<Network> networks(String... texts) {
        return Arrays.stream(texts)
                .map(Network::of)
                .map(Objects::requireNonNull)
                .toList();
    }
}
